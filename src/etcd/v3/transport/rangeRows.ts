import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { KeyValue } from '../../keyStore.ts';
import { KeyValueSchema, RangeResponseSchema, ResponseHeaderSchema } from './rpc_pb.js';

// See docs/contributing/decisions/search.md

const ANSWER = RangeResponseSchema.field;
const FIELDS = KeyValueSchema.field;
/** Compared as numbers, because a tag of two parts would be another object for each field of a million rows. */
const TAGS = {
  header: tagOf(ANSWER.header.number, WireType.LengthDelimited),
  kvs: tagOf(ANSWER.kvs.number, WireType.LengthDelimited),
  count: tagOf(ANSWER.count.number, WireType.Varint),
  key: tagOf(FIELDS.key.number, WireType.LengthDelimited),
  value: tagOf(FIELDS.value.number, WireType.LengthDelimited),
  createRevision: tagOf(FIELDS.createRevision.number, WireType.Varint),
  modRevision: tagOf(FIELDS.modRevision.number, WireType.Varint),
  version: tagOf(FIELDS.version.number, WireType.Varint),
  lease: tagOf(FIELDS.lease.number, WireType.Varint),
};
const NOTHING: Uint8Array = new Uint8Array();
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
  readonly #reader: BinaryReader;
  /** For each row: where it begins, and where its key begins and ends. */
  readonly #places: Uint32Array;

  constructor(bytes: Buffer, places: Uint32Array, length: number) {
    this.#bytes = bytes;
    this.#reader = new BinaryReader(bytes);
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

  /**
   * The key, its value and its facts; shares memory as `key` does. Read here, because a generic decoder leaves several
   * times as much garbage for each of a million rows. @throws Error if the row is not one
   */
  kv(index: number): KeyValue {
    const reader = this.#reader;
    reader.pos = this.#placeOf(index, 0);
    const end = reader.uint32() + reader.pos;
    let [key, value] = [NOTHING, NOTHING];
    let [createRevision, modRevision, version, lease] = [0n, 0n, 0n, 0n];
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === TAGS.key) key = this.#bytesAt(reader);
      else if (tag === TAGS.value) value = this.#bytesAt(reader);
      else if (tag === TAGS.createRevision) createRevision = int64(reader);
      else if (tag === TAGS.modRevision) modRevision = int64(reader);
      else if (tag === TAGS.version) version = int64(reader);
      else if (tag === TAGS.lease) lease = int64(reader);
      else reader.skip(tag & 7, tag >>> 3);
    }
    if (reader.pos !== end) throw new RangeError('A row is broken off.');
    return { key, value, createRevision, modRevision, version, lease };
  }

  #bytesAt(reader: BinaryReader): Uint8Array {
    const length = reader.uint32();
    const start = reader.pos;
    reader.pos += length;
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
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
    const tag = reader.uint32();
    if (tag === TAGS.kvs) {
      if (3 * length === places.length) places = grown(places);
      readRow(reader, places, 3 * length++);
    } else if (tag === TAGS.count) count = Number(reader.int64());
    else if (tag === TAGS.header) ({ revision } = fromBinary(ResponseHeaderSchema, reader.bytes()));
    else reader.skip(tag & 7, tag >>> 3);
  }
  return { revision, count, rows: new RangeRows(bytes, places, length), bytes: message.length };
}

/** Reads a 64-bit integer. The reader's own method has another type for runtimes without bigints. */
function int64(reader: BinaryReader): bigint {
  return BigInt(reader.int64());
}

function tagOf(field: number, wireType: WireType): number {
  return (field << 3) | wireType;
}

function readRow(reader: BinaryReader, places: Uint32Array, at: number): void {
  places[at] = reader.pos;
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === TAGS.key) {
      const keyLength = reader.uint32();
      places[at + 1] = reader.pos;
      places[at + 2] = reader.pos + keyLength;
      // etcd writes the key first, so the rest of the row need not be read.
      break;
    }
    reader.skip(tag & 7, tag >>> 3);
  }
  if (end > reader.len) throw new RangeError('The answer is broken off.');
  reader.pos = end;
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
