import { objectOf, partLimit, type Json } from './json.ts';

// See docs/contributing/decisions/kubernetes.md

/** Major types. */
const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const TAG = 6;

/** Tag of bytes that JSON shows as base64. */
const AS_BASE64 = 22;
/** Tags that change nothing: a time as text, and "self-described CBOR", with which each value begins. */
const TRANSPARENT = new Set([0, 55_799]);

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the CBOR that Kubernetes writes: RFC 8949 without indefinite lengths and with few tags. */
class CborReader {
  readonly #bytes: Buffer;
  readonly #countPart = partLimit();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): Json {
    this.#countPart(depth);
    const first = this.#bytes.readUInt8(this.#at++);
    const [major, info] = [first >> 5, first & 31];
    if (major > TAG) return this.#simple(info);
    const argument = this.#argument(info);
    if (major === UNSIGNED) return argument;
    if (major === NEGATIVE) return smallest(-1n - BigInt(argument));
    const length = Number(argument);
    if (major === BYTES || major === TEXT) return utf8.decode(this.#content(length));
    if (major === TAG) return this.#tagged(length, depth);
    // Each part takes a byte at least, so a list is never longer than its bytes.
    if (length > this.#bytes.length - this.#at) throw new Error('too short for its parts');
    if (major === LIST) return Array.from({ length }, () => this.value(depth + 1));
    return this.#map(length, depth + 1);
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    const at = this.#at;
    this.#at += 2 ** (info - 24);
    switch (info) {
      case 24:
        return this.#bytes.readUInt8(at);
      case 25:
        return this.#bytes.readUInt16BE(at);
      case 26:
        return this.#bytes.readUInt32BE(at);
      case 27:
        return smallest(this.#bytes.readBigUInt64BE(at));
      default:
        throw new Error(`no length: ${info}`);
    }
  }

  #content(length: number): Buffer {
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    if (content.length < length) throw new Error('too short for its text');
    this.#at += length;
    return content;
  }

  #map(length: number, depth: number): Json {
    const members = new Map<string, Json>();
    for (let count = 0; count < length; count++) {
      const name = this.value(depth);
      if (typeof name !== 'string' || members.has(name)) throw new Error('no name of a member, or one given twice');
      members.set(name, this.value(depth));
    }
    return objectOf(members);
  }

  #tagged(tag: number, depth: number): Json {
    if (TRANSPARENT.has(tag)) return this.value(depth + 1);
    const first = this.#bytes.readUInt8(this.#at++);
    if (tag !== AS_BASE64 || first >> 5 !== BYTES) throw new Error(`unknown tag: ${tag}`);
    return this.#content(Number(this.#argument(first & 31))).toString('base64');
  }

  #simple(info: number): Json {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    const number = this.#float(info);
    if (!Number.isFinite(number)) throw new Error('no number of JSON');
    return number;
  }

  #float(info: number): number {
    const at = this.#at;
    this.#at += 2 ** (info - 24);
    if (info === 25) return halfFloat(this.#bytes.readUInt16BE(at));
    if (info === 26) return this.#bytes.readFloatBE(at);
    if (info === 27) return this.#bytes.readDoubleBE(at);
    throw new Error(`unknown simple value: ${info}`);
  }
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/**
 * Reads CBOR as the JSON that Kubernetes makes of it: byte strings are texts, as Go writes them.
 * @throws UnreadableValue if it is too deep or too large
 * @throws Error if it is damaged, or something that Kubernetes does not write
 */
export function readCbor(bytes: Uint8Array): Json {
  const reader = new CborReader(bytes);
  const json = reader.value(0);
  if (!reader.isAtEnd) throw new Error('more than one value');
  return json;
}
