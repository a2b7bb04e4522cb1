const MAX_VARINT = 10;
const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;

/**
 * Reads the fields of an `mvccpb.KeyValue` in place, without an object for each: the generated messages copy every
 * value, and the pass over all records needs none. 64-bit fields are kept as two halves.
 */
export class RecordReader {
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** Halves of create_revision, mod_revision, version and lease, the lower one first. */
  readonly #fields = new Uint32Array(2 * (6 + 1));
  #low = 0;
  #high = 0;
  #at = 0;

  get createRevision(): bigint {
    return this.#field(2);
  }

  get version(): bigint {
    return this.#field(4);
  }

  get lease(): bigint {
    return this.#field(6);
  }

  get createLow(): number {
    return this.#fields[2 * 2] ?? 0;
  }

  get createHigh(): number {
    return this.#fields[2 * 2 + 1] ?? 0;
  }

  get versionLow(): number {
    return this.#fields[2 * 4] ?? 0;
  }

  get modLow(): number {
    return this.#fields[2 * 3] ?? 0;
  }

  get modHigh(): number {
    return this.#fields[2 * 3 + 1] ?? 0;
  }

  /** Reads a message; returns false if the bytes from `from` to `end` are not one. */
  read(bytes: Uint8Array, from: number, end: number): boolean {
    this.keyLength = 0;
    this.keyAt = from;
    this.valueLength = 0;
    this.valueAt = end;
    this.#fields.fill(0);
    this.#at = from;
    while (this.#at < end) if (!this.#readField(bytes, end)) return false;
    return this.#at === end;
  }

  #readField(bytes: Uint8Array, end: number): boolean {
    if (!this.#varint(bytes, end) || this.#high !== 0) return false;
    const number = this.#low >>> 3;
    switch (this.#low & 7) {
      case WIRE_VARINT:
        if (!this.#varint(bytes, end)) return false;
        if (number <= 6) {
          this.#fields[2 * number] = this.#low;
          this.#fields[2 * number + 1] = this.#high;
        }
        return number > 0;
      case WIRE_BYTES:
        if (!this.#varint(bytes, end) || this.#high !== 0 || this.#low > end - this.#at) return false;
        if (number === 1) {
          this.keyAt = this.#at;
          this.keyLength = this.#low;
        }
        if (number === 5) {
          this.valueAt = this.#at;
          this.valueLength = this.#low;
        }
        this.#at += this.#low;
        return number > 0;
      case WIRE_64:
        this.#at += 8;
        return number > 0;
      case WIRE_32:
        this.#at += 4;
        return number > 0;
      default:
        return false;
    }
  }

  #varint(bytes: Uint8Array, end: number): boolean {
    let low = 0;
    let high = 0;
    for (let index = 0; index < MAX_VARINT && this.#at < end; index++) {
      const byte = bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * index - 32);
      if (byte > 0x7f) continue;
      this.#low = low >>> 0;
      this.#high = high >>> 0;
      return true;
    }
    return false;
  }

  #field(number: number): bigint {
    const [low = 0, high = 0] = this.#fields.subarray(2 * number, 2 * number + 2);
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }
}
