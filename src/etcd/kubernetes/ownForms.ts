import * as l10n from '@vscode/l10n';
import { goJson, isList, parseJson, type Json } from './json.ts';
import { wrongType, type Path } from './problems.ts';
import { readInt64, readScalar, writeScalar, type Scalar } from './scalars.ts';
import { durationOf, goDurationText, instantOf, timeText, ZERO_TIME } from './times.ts';
import type { OwnForm } from './types.ts';
import { concat, delimited, EMPTY, patchRecords, splitRecords, type WireRecord } from './wire.ts';

/** The records of a message whose type has a JSON form of its own. */
export class FormRecords {
  readonly #records: readonly WireRecord[];
  readonly isEmpty: boolean;

  constructor(bytes: Uint8Array) {
    this.#records = splitRecords(bytes);
    this.isEmpty = bytes.length === 0;
  }

  all(number: number): readonly WireRecord[] {
    return this.#records.filter((record) => record.number === number);
  }

  /** Returns the scalar of a field; the last record counts. */
  scalar(scalar: Scalar, number: number): Json | undefined {
    const record = this.all(number).at(-1);
    return record && readScalar(scalar, record);
  }

  /** Returns the number of a field; zero if there is none. */
  int64(number: number): number | bigint {
    const record = this.all(number).at(-1);
    return record ? readInt64(record) : 0;
  }

  /** Replaces the records of the form's fields; those that only a newer Kubernetes knows keep their places. */
  patched(numbers: readonly number[], fresh: readonly WireRecord[]): Uint8Array {
    const replacements = numbers.map((number): [number, Uint8Array] => [
      number,
      concat(fresh.filter((record) => record.number === number).map(({ whole }) => whole)),
    ]);
    return patchRecords(this.#records, new Map(replacements));
  }
}

/** Reads nested messages for the forms of JSON schemas. */
export interface FormReader {
  /** Returns the JSON of the message in this field of the form. */
  message(number: number, content: Uint8Array): Json;
}

export interface FormWriter {
  /** Returns the bytes of the message in this field of the form, patched if there is an old one. */
  message(number: number, json: Json, old: Uint8Array | undefined, path: Path | undefined): Uint8Array;
}

interface Form {
  /** Numbers of the fields that make up the form. */
  readonly numbers: readonly number[];
  read(records: FormRecords, reader: FormReader): Json;
  write(json: Json, path: Path | undefined, old: FormRecords, writer: FormWriter): readonly Uint8Array[];
}

const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
const MAX_INT32 = 2 ** 31 - 1;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function timeForm(fractionDigits: 0 | 6, example: string): Form {
  return {
    numbers: [1, 2],
    read(records) {
      const seconds = records.isEmpty ? ZERO_TIME : records.int64(1);
      if (seconds === ZERO_TIME) return null;
      if (fractionDigits === 0) return `${timeText(seconds)}Z`;
      const microseconds = Math.trunc(Number(records.scalar('int32', 2) ?? 0) / 1000);
      if (microseconds < 0 || microseconds > 999_999) throw new RangeError('nanoseconds out of range');
      return `${timeText(seconds)}.${String(microseconds).padStart(6, '0')}Z`;
    },
    write(json, path) {
      if (json === null) return [];
      const { seconds, fraction } = instantOf(json, path, example);
      if (fractionDigits > 0 && fraction.length !== fractionDigits) {
        throw wrongType(path, l10n.t('a time such as {0}', example));
      }
      const nanoseconds = fractionDigits === 0 ? 0 : Number(fraction) * 1000;
      return [writeScalar('int64', 1, seconds, path), writeScalar('int32', 2, nanoseconds, path)];
    },
  };
}

function itemsOf(json: Json, path: Path | undefined): readonly Json[] {
  if (!isList(json)) throw wrongType(path, l10n.t('a list'));
  return json;
}

/** Creates a form that is either a list, or one JSON schema as field 1. */
function schemaOr(numbers: readonly number[], list: Pick<Form, 'read' | 'write'>): Form {
  return {
    numbers,
    read(records, reader) {
      const schema = records.all(1).at(-1);
      if (records.all(2).length > 0) return list.read(records, reader);
      return schema ? reader.message(1, schema.content) : null;
    },
    write(json, path, old, writer) {
      if (json === null) return [];
      if (isList(json)) return list.write(json, path, old, writer);
      return [delimited(1, writer.message(1, json, old.all(1).at(-1)?.content, path))];
    },
  };
}

const FORMS: Readonly<Record<OwnForm, Form>> = {
  quantity: {
    numbers: [1],
    read: (records) => records.scalar('string', 1) || '0',
    write(json, path) {
      const text = typeof json === 'object' ? (json === null ? '0' : '') : String(json).trim();
      if (!QUANTITY.test(text)) throw wrongType(path, l10n.t('a quantity such as {0} or {1}', '500m', '1Gi'));
      return [writeScalar('string', 1, text, path)];
    },
  },
  time: timeForm(0, '2025-01-31T12:00:00Z'),
  microTime: timeForm(6, '2025-01-31T12:00:00.000000Z'),
  duration: {
    numbers: [1],
    read: (records) => goDurationText(BigInt(records.int64(1))),
    write: (json, path) => [writeScalar('int64', 1, durationOf(json ?? '0s', path), path)],
  },
  intOrString: {
    numbers: [1, 2, 3],
    read(records) {
      const type = records.int64(1);
      if (type === 0) return records.scalar('int32', 2) ?? 0;
      if (type !== 1) throw new RangeError(`neither a number nor a text: ${type}`);
      return records.scalar('string', 3) ?? '';
    },
    write(json, path) {
      const isText = typeof json === 'string';
      const number = isText ? 0 : (json ?? 0);
      if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > MAX_INT32) {
        throw wrongType(path, l10n.t('a whole number of 32 bits or a text'));
      }
      return [
        writeScalar('int64', 1, isText ? 1 : 0, path),
        writeScalar('int32', 2, number, path),
        writeScalar('string', 3, isText ? json : '', path),
      ];
    },
  },
  raw: {
    numbers: [1],
    read(records) {
      const content = records.all(1).at(-1)?.content ?? EMPTY;
      return content.length === 0 ? null : parseJson(strictUtf8.decode(content));
    },
    write: (json) => (json === null ? [] : [delimited(1, Buffer.from(goJson(json)))]),
  },
  items: {
    numbers: [1],
    read: (records) => records.all(1).map((record) => readScalar('string', record)),
    write: (json, path) =>
      itemsOf(json ?? [], path).map((item, index) => writeScalar('string', 1, item, { parent: path, key: index })),
  },
  schemaOrArray: schemaOr([1, 2], {
    read: (records, reader) => records.all(2).map(({ content }) => reader.message(2, content)),
    write: (json, path, old, writer) =>
      itemsOf(json, path).map((item, index) =>
        delimited(2, writer.message(2, item, old.all(2)[index]?.content, { parent: path, key: index })),
      ),
  }),
  schemaOrBool: {
    numbers: [1, 2],
    read(records, reader) {
      const schema = records.all(2).at(-1);
      return schema ? reader.message(2, schema.content) : (records.scalar('bool', 1) ?? false);
    },
    write(json, path, old, writer) {
      if (json === null || typeof json === 'boolean') return [writeScalar('bool', 1, json ?? false, path)];
      const schema = delimited(2, writer.message(2, json, old.all(2).at(-1)?.content, path));
      return [writeScalar('bool', 1, true, path), schema];
    },
  },
  schemaOrStringArray: schemaOr([1, 2], {
    read: (records) => records.all(2).map((record) => readScalar('string', record)),
    write: (json, path) =>
      itemsOf(json, path).map((item, index) => writeScalar('string', 2, item, { parent: path, key: index })),
  }),
};

/** Returns the JSON of a message with a form of its own. @throws Error if it is damaged */
export function readForm(form: OwnForm, bytes: Uint8Array, reader: FormReader): Json {
  return FORMS[form].read(new FormRecords(bytes), reader);
}

/**
 * Writes a message with a form of its own; what `old` has beyond the form keeps its place.
 * @throws InvalidObject if the JSON does not have this form
 */
export function writeForm(
  form: OwnForm,
  json: Json,
  old: Uint8Array | undefined,
  path: Path | undefined,
  writer: FormWriter,
): Uint8Array {
  const { numbers } = FORMS[form];
  const records = new FormRecords(old ?? EMPTY);
  const fresh = concat(FORMS[form].write(json, path, records, writer));
  return old ? records.patched(numbers, splitRecords(fresh)) : fresh;
}
