import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { sum } from '../sum.ts';

export const EMPTY = new Uint8Array(0);

/** Limit of the records in a message: more than Kubernetes writes into etcd's 1.5 MB. */
const MAX_RECORDS = 500_000;

/** One record of a message in protobuf's wire format, as positions in the message's bytes. */
export class WireRecord {
  readonly number: number;
  readonly wireType: WireType;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #value: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, number: number, wireType: WireType, start: number, value: number, end: number) {
    this.number = number;
    this.wireType = wireType;
    this.#bytes = bytes;
    this.#start = start;
    this.#value = value;
    this.#end = end;
  }

  /** The whole record with its tag. */
  get whole(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Returns what follows the tag and, if there is one, the length. @throws RangeError if it is of another type */
  value(wireType: WireType): Uint8Array {
    if (this.wireType !== wireType) throw new RangeError(`field ${this.number} has wire type ${this.wireType}`);
    return this.#bytes.subarray(this.#value, this.#end);
  }

  /** The content: a text, bytes or a message. @throws RangeError if it is of another type */
  get content(): Uint8Array {
    return this.value(WireType.LengthDelimited);
  }
}

/** Splits a message into its records, in order. @throws Error if it is not a message */
export function splitRecords(bytes: Uint8Array): WireRecord[] {
  const reader = new BinaryReader(bytes);
  const records: WireRecord[] = [];
  while (reader.pos < reader.len) {
    if (records.length === MAX_RECORDS) throw new RangeError('too many records');
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    let value = reader.pos;
    if (wireType === WireType.LengthDelimited) {
      const length = reader.uint32();
      value = reader.pos;
      reader.pos += length;
    } else reader.skip(wireType, number);
    if (reader.pos > reader.len) throw new RangeError('premature end');
    records.push(new WireRecord(bytes, number, wireType, start, value, reader.pos));
  }
  return records;
}

/** Groups records by field, in the order of their first ones. */
export function byNumber(records: readonly WireRecord[]): Map<number, WireRecord[]> {
  return Map.groupBy(records, ({ number }) => number);
}

/** Concatenates the contents of repeated records of one message, which protobuf merges in this way. */
export function mergedContent(records: readonly WireRecord[]): Uint8Array {
  const [first] = records;
  return records.length === 1 && first ? first.content : concat(records.map(({ content }) => content));
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sum(pieces.map(({ length }) => length)));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Writes a record of a text, of bytes or of a message. */
export function delimited(number: number, content: Uint8Array): Uint8Array {
  return concat([new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(content.length).finish(), content]);
}

/**
 * Replaces the records of some fields, each at the place of the field's first old record. A new field goes where its
 * number belongs, because Go writes fields in the order of their numbers.
 */
export function patchRecords(
  records: readonly WireRecord[],
  replacements: ReadonlyMap<number, Uint8Array>,
): Uint8Array {
  const present = new Set(records.map(({ number }) => number));
  const added = [...replacements].filter(([number]) => !present.has(number)).toSorted(([a], [b]) => b - a);
  const done = new Set<number>();
  const pieces: Uint8Array[] = [];
  for (const { number, whole } of records) {
    for (let field = added.at(-1); field && field[0] < number; field = added.at(-1)) {
      pieces.push(field[1]);
      added.pop();
    }
    const replacement = replacements.get(number);
    if (replacement === undefined) pieces.push(whole);
    else if (!done.has(number)) pieces.push(replacement);
    done.add(number);
  }
  return concat([...pieces, ...added.toReversed().map(([, bytes]) => bytes)]);
}
