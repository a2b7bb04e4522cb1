import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KubernetesPackages } from '../setup/kubernetesPackages.ts';
import { apiServiceTypes } from './apiService.ts';
import { goStructs, groupsOf, packageOf, type GoField, type GoFile, type GoStruct } from './goStructs.ts';
import { ownForm } from './ownForms.ts';
import { protoMessages, type ProtoField } from './protoMessages.ts';

interface Types {
  readonly protos: ReadonlyMap<string, readonly ProtoField[]>;
  readonly structs: ReadonlyMap<string, GoStruct>;
  /** API versions by package; only of packages with kinds. */
  readonly apiVersions: ReadonlyMap<string, string>;
}

const scalarLetters: Readonly<Record<string, string>> = {
  string: 's',
  bytes: 'y',
  bool: 'b',
  int32: 'i',
  int64: 'l',
  double: 'd',
};
/** Packages that no cluster stores: an example of Go's own tests, and objects that are only sent. */
const notStored = /\.testapigroup\.|\.meta\.v1(beta1)?\.|\.(admission|apidiscovery|imagepolicy)\.v\d/;

async function typesIn(folder: string): Promise<Types> {
  const paths = await readdir(folder, { recursive: true });
  const protos = new Map<string, readonly ProtoField[]>();
  const files: GoFile[] = [];
  for (const path of paths.toSorted()) {
    const isProto = path.endsWith('generated.proto');
    if (!isProto && (!path.endsWith('.go') || /_test\.go$|zz_|generated\.|swagger_doc/.test(path))) continue;
    const text = await readFile(join(folder, path), 'utf8');
    if (isProto) for (const [name, fields] of protoMessages(text)) protos.set(name, fields);
    else files.push({ folder: dirname(path).replaceAll('\\', '/'), text });
  }
  const apiVersions = new Map<string, string>();
  for (const [path, group] of groupsOf(files)) {
    const version = path.slice(path.lastIndexOf('/') + 1);
    apiVersions.set(packageOf(`k8s.io/${path}`), group === '' ? version : `${group}/${version}`);
  }
  return { protos, structs: goStructs(files), apiVersions };
}

/** Merges types; of duplicates, the first counts. */
function united(parts: readonly Types[]): Types {
  const reversed = parts.toReversed();
  return {
    protos: new Map(reversed.flatMap(({ protos }) => [...protos])),
    structs: new Map(reversed.flatMap(({ structs }) => [...structs])),
    apiVersions: new Map(reversed.flatMap(({ apiVersions }) => [...apiVersions])),
  };
}

/**
 * Returns how a field is shown and written if it is absent or zero; `src/etcd/kubernetes/types.ts` says what each
 * letter means.
 */
function ruleOf(go: GoField | undefined, isMessage: boolean): string {
  if (!go) return isMessage ? 'p' : 'o';
  if (go.inline) return 'i';
  if (go.pointer) return go.omitEmpty ? 'p' : 'n';
  if (isMessage) return go.omitZero ? 'z' : 'v';
  return go.omitEmpty ? 'o' : 'v';
}

function camelCase(protoName: string): string {
  return protoName.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function kindsOf({ protos, structs, apiVersions }: Types): string[] {
  return [...protos.keys()].filter((name) => {
    const packageName = name.slice(0, name.lastIndexOf('.'));
    return structs.get(name)?.isKind === true && apiVersions.has(packageName) && !notStored.test(name);
  });
}

function reached({ protos }: Types, from: readonly string[]): string[] {
  const names = new Set(from);
  for (const name of names) {
    for (const { type } of protos.get(name) ?? []) if (protos.has(type)) names.add(type);
  }
  return [...names].toSorted();
}

function fieldText(field: ProtoField, go: GoField | undefined, expected: number, type: string): string {
  const isMessage = scalarLetters[field.type] === undefined;
  const json = go !== undefined && !go.inline && go.json !== '' ? go.json : camelCase(field.name);
  const number = field.number === expected ? '' : `=${field.number}`;
  const many = { one: '', list: '*', map: '%' }[field.many];
  return `${json}${number}${many}:${ruleOf(go, isMessage && field.many === 'one')}${type}`;
}

/**
 * Writes the table of all kinds that clusters store, from the newest release and from the older one if that has more: a
 * line `@apiVersion` for each package, and after it a line for each message, `Name[!][~form]
 * field[=number][*|%]:ruletype ...`: `!` marks a kind, a field without a number follows the one before, `*` is a list
 * and `%` a map, and a type is a letter for a scalar or the number of a message's line.
 */
export async function kindsTable({ newest, older }: KubernetesPackages): Promise<string> {
  const types = united([await typesIn(newest.folder), await typesIn(older.folder), apiServiceTypes()]);
  const kinds = kindsOf(types);
  const names = reached(types, kinds);
  const lineOf = new Map(names.map((name, index) => [name, String(index)]));
  const isKind = new Set(kinds);
  const lines: string[] = [];
  let packageName: string | undefined;
  for (const name of names) {
    const own = name.slice(0, name.lastIndexOf('.'));
    if (own !== packageName) lines.push(`@${types.apiVersions.get(own) ?? ''}`);
    packageName = own;
    const form = ownForm(name);
    let text = `${name.slice(own.length + 1)}${isKind.has(name) ? '!' : ''}${form === undefined ? '' : `~${form}`}`;
    let expected = 1;
    for (const field of types.protos.get(name) ?? []) {
      const type = scalarLetters[field.type] ?? lineOf.get(field.type);
      if (type === undefined) throw new Error(`${name} has a field of the unknown type ${field.type}`);
      text += ` ${fieldText(field, types.structs.get(name)?.fields.get(field.number), expected, type)}`;
      expected = field.number + 1;
    }
    lines.push(text);
  }
  return `${lines.join('\n')}\n`;
}
