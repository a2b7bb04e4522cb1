import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { KeyValueSchema, RangeResponseSchema, ResponseHeaderSchema, type KeyValue } from './rpc_pb.js';

// See docs/contributing/decisions/search.md

const { header: HEADER, kvs: KVS, count: COUNT } = RangeResponseSchema.field;
const { key: KEY } = KeyValueSchema.field;
const ROWS_AT_FIRST = 1024;

/** etcd's answer to a range request. */
export interface RangeAnswer {
  readonly revision: bigint;
  /** Number of keys in the whole range, including those beyond the limit. */
  readonly count: number;
  readonly rows: RangeRows;
  /** Size of the encoded answer. */
  readonly bytes: number;
}

/**
 * The keys of a range answer in order. A row is decoded each time it is read, so that not all of them are in memory.
 */
export class RangeRows {
  readonly length: number;
  readonly #bytes: Buffer;
  /** For each row: where it begins, and where its key begins and ends. */
  readonly #places: Uint32Array;

  constructor(bytes: Buffer, places: Uint32Array, length: number) {
    this.#bytes = bytes;
    this.#places = places;
    this.length = length;
  }

  /** Shares memory with the answer: whoever keeps the key keeps the whole answer. */
  key(index: number): Uint8Array {
    return this.#bytes.subarray(this.#placeOf(index, 1), this.#placeOf(index, 2));
  }

  /** The key as UTF-8, with U+FFFD for anything else. */
  text(index: number): string {
    return this.#bytes.toString('utf8', this.#placeOf(index, 1), this.#placeOf(index, 2));
  }

  /** The key and its facts; shares memory as `key` does. */
  kv(index: number): KeyValue {
    const reader = new BinaryReader(this.#bytes.subarray(this.#placeOf(index, 0)));
    const { buffer, byteOffset, length } = reader.bytes();
    return fromBinary(KeyValueSchema, new Uint8Array(buffer, byteOffset, length), { readUnknownFields: false });
  }

  #placeOf(index: number, part: 0 | 1 | 2): number {
    const place = index < this.length ? this.#places[index * 3 + part] : undefined;
    if (place === undefined) throw new RangeError(`There is no row ${index}.`);
    return place;
  }
}

/** @param message a RangeResponse in binary form @throws Error if it is not one */
export function rangeAnswer(message: Uint8Array): RangeAnswer {
  // A Buffer decodes text faster than other ways.
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  const reader = new BinaryReader(bytes);
  let [revision, count] = [0n, 0];
  let places = new Uint32Array(3 * ROWS_AT_FIRST);
  let length = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === KVS.number) {
      if (3 * length === places.length) places = grown(places);
      readRow(reader, places, 3 * length++);
    } else if (field === COUNT.number) count = Number(reader.int64());
    else if (field === HEADER.number) ({ revision } = fromBinary(ResponseHeaderSchema, reader.bytes()));
    else reader.skip(wireType, field);
  }
  return { revision, count, rows: new RangeRows(bytes, places, length), bytes: message.length };
}

function readRow(reader: BinaryReader, places: Uint32Array, at: number): void {
  places[at] = reader.pos;
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (field === KEY.number) {
      const keyLength = reader.uint32();
      places[at + 1] = reader.pos;
      places[at + 2] = reader.pos + keyLength;
      // etcd writes the key first, so the rest of the row need not be read.
      break;
    }
    reader.skip(wireType, field);
  }
  if (end > reader.len) throw new RangeError('The answer is broken off.');
  reader.pos = end;
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
