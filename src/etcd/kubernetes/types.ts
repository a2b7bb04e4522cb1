import type { Scalar } from './scalars.ts';

/**
 * What JSON shows and protobuf holds where a field is nothing or zero, which follows from its Go type and tags:
 * - `p`, a pointer with omitempty: left out of JSON if it is absent; a zero that is there is shown
 * - `n`, a pointer without omitempty: `null` if it is absent
 * - `o`, a value with omitempty: left out of JSON if it is zero; a scalar's zero is written nevertheless
 * - `v`, a value without omitempty: its zero is shown (`null` of bytes, lists and maps), and a scalar's or a message's is written
 * - `i`, an embedded struct: its fields stand among those of its parent
 * - `z`, a struct with omitzero: left out of JSON if it is zero
 */
const RULES = ['p', 'n', 'o', 'v', 'i', 'z'] as const;

export type FieldRule = (typeof RULES)[number];

/** Messages whose Go types write their JSON themselves. */
const OWN_FORMS = [
  ...(['quantity', 'time', 'microTime', 'duration', 'intOrString', 'raw', 'items'] as const),
  ...(['schemaOrArray', 'schemaOrBool', 'schemaOrStringArray'] as const),
] as const;

export type OwnForm = (typeof OWN_FORMS)[number];

export interface Field {
  readonly number: number;
  /** Name in JSON. */
  readonly name: string;
  readonly rule: FieldRule;
  readonly many: 'one' | 'list' | 'map';
  /** A scalar or a message: the elements of a list, or the values of a map. */
  readonly content: Scalar | (() => MessageType);
}

export interface MessageType {
  /** Name without its package. */
  readonly name: string;
  readonly form: OwnForm | undefined;
  /** Fields in the order of their numbers. */
  readonly fields: readonly Field[];
  /** Names that its JSON may have, including those of embedded messages. */
  readonly names: ReadonlySet<string>;
}

const SCALARS: Readonly<Record<string, Scalar>> = {
  s: 'string',
  y: 'bytes',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  d: 'double',
};

const MANY: Readonly<Record<string, Field['many']>> = { '': 'one', '*': 'list', '%': 'map' };

function namesOf(fields: readonly Field[]): Set<string> {
  return new Set(
    fields.flatMap(({ rule, name, content }) =>
      rule === 'i' && typeof content === 'function' ? [...content().names] : [name],
    ),
  );
}

/**
 * The types of the kinds that Kubernetes stores, from the table that `npm run generate` makes;
 * `scripts/kubernetes/kindsTable.ts` describes its form. A line of it is parsed when its message is first needed.
 */
export class KubernetesTypes {
  readonly #lines: string[] = [];
  readonly #kinds = new Map<string, number>();
  readonly #types = new Map<number, MessageType>();

  constructor(table: string) {
    let apiVersion = '';
    for (const line of table.split('\n')) {
      if (line.startsWith('@')) apiVersion = line.slice(1);
      else if (line !== '') {
        const kind = /^(\w+)!/.exec(line)?.[1];
        if (kind !== undefined) this.#kinds.set(`${apiVersion} ${kind}`, this.#lines.length);
        this.#lines.push(line);
      }
    }
  }

  /**
   * Returns the message type of a kind; undefined if Kubernetes has none of that name in exactly that group and
   * version.
   */
  find(apiVersion: string, kind: string): MessageType | undefined {
    const line = this.#kinds.get(`${apiVersion} ${kind}`);
    return line === undefined ? undefined : this.#type(line);
  }

  #type(line: number): MessageType {
    const known = this.#types.get(line);
    if (known) return known;
    const [title = '', ...texts] = (this.#lines[line] ?? '').split(' ');
    const [, name = '', form] = /^(\w+)!?(?:~(\w+))?$/.exec(title) ?? [];
    const fields: Field[] = [];
    for (const text of texts) fields.push(this.#field(text, (fields.at(-1)?.number ?? 0) + 1));
    let names: ReadonlySet<string> | undefined;
    const type: MessageType = {
      name,
      form: OWN_FORMS.find((each) => each === form),
      fields,
      get names() {
        return (names ??= namesOf(fields));
      },
    };
    this.#types.set(line, type);
    return type;
  }

  #field(text: string, next: number): Field {
    const [, name = '', number, many = '', rule, content = ''] =
      /^([^=*%:]+)(?:=(\d+))?([*%]?):(.)(.+)$/.exec(text) ?? [];
    return {
      number: number === undefined ? next : Number(number),
      name,
      rule: RULES.find((each) => each === rule) ?? 'o',
      many: MANY[many] ?? 'one',
      content: SCALARS[content] ?? (() => this.#type(Number(content))),
    };
  }
}
