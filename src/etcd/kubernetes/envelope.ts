import * as l10n from '@vscode/l10n';
import { UnreadableValue } from './problems.ts';
import { concat, delimited, EMPTY, splitRecords, type WireRecord } from './wire.ts';

const MAGIC_LENGTH = 4;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A stored protobuf value: the magic bytes, and `runtime.Unknown` with the object in it. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The object's message. */
  readonly object: Uint8Array;
}

function last(records: readonly WireRecord[], number: number): Uint8Array {
  return records.findLast((record) => record.number === number)?.content ?? EMPTY;
}

function text(records: readonly WireRecord[], number: number): string {
  return utf8.decode(last(records, number));
}

/**
 * @param value begins with the magic bytes. @throws Error if it is damaged; UnreadableValue if its content is something
 * else
 */
export function openEnvelope(value: Uint8Array): Envelope {
  const records = splitRecords(value.subarray(MAGIC_LENGTH));
  const meta = splitRecords(last(records, 1));
  const encoding = text(records, 3);
  const type = text(records, 4);
  if (encoding !== '' || (type !== '' && type !== PROTOBUF)) {
    throw new UnreadableValue(l10n.t('The value has content of the type {0}.', `${type} ${encoding}`.trim()));
  }
  return { apiVersion: text(meta, 1), kind: text(meta, 2), object: last(records, 2) };
}

/** Replaces the object in a value; everything around it stays unchanged. */
export function withObject(value: Uint8Array, object: Uint8Array): Uint8Array {
  const records = splitRecords(value.subarray(MAGIC_LENGTH));
  const replaced = records.findLast(({ number }) => number === 2);
  const pieces = records.map((record) => (record === replaced ? delimited(2, object) : record.whole));
  if (!replaced) pieces.push(delimited(2, object));
  return concat([value.subarray(0, MAGIC_LENGTH), ...pieces]);
}
