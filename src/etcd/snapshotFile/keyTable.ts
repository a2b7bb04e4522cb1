import { randomInt } from 'node:crypto';

const FIRST_SLAB_BYTES = 4 * 1024;
const MAX_SLAB_BYTES = 4 * 1024 * 1024;
const FIRST_ROOM = 1 << 8;

/** Every distinct key once, by a number. The bytes are in slabs outside of V8's heap. */
export class KeyTable {
  count = 0;
  #slabs: Uint8Array[] = [];
  #room = 0;
  #used = 0;
  /** The slab, position and length of each key. */
  #slabOf = new Uint32Array(FIRST_ROOM);
  #at = new Uint32Array(FIRST_ROOM);
  #length = new Uint32Array(FIRST_ROOM);
  #hash = new Uint32Array(FIRST_ROOM);
  #slots = new Int32Array(2 * FIRST_ROOM).fill(-1);
  /** Random, so that a hostile file cannot make all keys collide. */
  readonly #seed = randomInt(2 ** 32);

  /** Returns the number of the key in these bytes, which is added if it is new. */
  numberOf(bytes: Uint8Array, from: number, length: number): number {
    const hash = this.#hashOf(bytes, from, from + length);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? -1;
      if (number < 0) return this.#add(bytes, from, length, hash, slot);
      if (this.#hash[number] === hash && this.#isAt(number, bytes, from, length)) return number;
    }
  }

  /** Releases what only `numberOf` needs. */
  freeze(): void {
    this.#slots = new Int32Array();
    this.#hash = new Uint32Array();
  }

  /** Returns a key, in the table's memory. */
  key(number: number): Uint8Array {
    const at = this.#at[number] ?? 0;
    return this.#slab(number).subarray(at, at + (this.#length[number] ?? 0));
  }

  lengthOf(number: number): number {
    return this.#length[number] ?? 0;
  }

  /** Returns one byte of a key; -1 behind its end. */
  byteAt(number: number, index: number): number {
    if (index >= (this.#length[number] ?? 0)) return -1;
    return this.#slab(number)[(this.#at[number] ?? 0) + index] ?? -1;
  }

  /** Bytes of memory. */
  get bytes(): number {
    const arrays = [this.#slabOf, this.#at, this.#length, this.#hash, this.#slots, ...this.#slabs];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  #slab(number: number): Uint8Array {
    return this.#slabs[this.#slabOf[number] ?? 0] ?? new Uint8Array();
  }

  #hashOf(bytes: Uint8Array, from: number, end: number): number {
    let hash = this.#seed ^ (end - from);
    for (let at = from; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #isAt(number: number, bytes: Uint8Array, from: number, length: number): boolean {
    if (this.#length[number] !== length) return false;
    const slab = this.#slab(number);
    const at = this.#at[number] ?? 0;
    for (let index = 0; index < length; index++) if (slab[at + index] !== bytes[from + index]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, length: number, hash: number, slot: number): number {
    const number = this.count++;
    if (number === this.#at.length) {
      this.#slabOf = grown(this.#slabOf);
      this.#at = grown(this.#at);
      this.#length = grown(this.#length);
      this.#hash = grown(this.#hash);
    }
    if (this.#used + length > this.#room) {
      this.#room = Math.max(Math.min(this.#room * 2, MAX_SLAB_BYTES), FIRST_SLAB_BYTES, length);
      this.#used = 0;
      this.#slabs.push(new Uint8Array(this.#room));
    }
    this.#slabs.at(-1)?.set(bytes.subarray(from, from + length), this.#used);
    this.#slabOf[number] = this.#slabs.length - 1;
    this.#at[number] = this.#used;
    this.#length[number] = length;
    this.#hash[number] = hash;
    this.#used += length;
    this.#slots[slot] = number;
    if (this.count * 2 > this.#slots.length) this.#spread();
    return number;
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = (this.#hash[number] ?? 0) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }
}

/** Returns a copy of twice the length. */
export function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(array.length * 2);
  longer.set(array);
  return longer;
}
