import type { Numbers } from './numbers.ts';
import type { ScratchFile } from './scratchFile.ts';

const FIRST_ROOM = 1 << 8;
const SHIFT = 16;
/** Numbers of a chunk. */
const CHUNK = 1 << SHIFT;
const MASK = CHUNK - 1;

/** A growing list of 32-bit numbers. Those that do not fit into memory are in a scratch file. */
export class NumberList implements Numbers {
  length = 0;
  readonly #scratch: ScratchFile;
  /** The complete chunks, or their positions in the scratch file. */
  readonly #chunks: (Uint32Array | number)[] = [];
  #last = new Uint32Array(FIRST_ROOM);
  /** The chunk of the file that was read last. */
  #readNumber = -1;
  #read = new Uint32Array();

  constructor(scratch: ScratchFile) {
    this.#scratch = scratch;
  }

  push(value: number): void {
    const at = this.length & MASK;
    if (at === 0 && this.length > 0) {
      this.#chunks.push(this.#scratch.store(this.#last) ?? this.#last);
      this.#last = new Uint32Array(CHUNK);
    } else if (at === this.#last.length) {
      const longer = new Uint32Array(2 * at);
      longer.set(this.#last);
      this.#last = longer;
    }
    this.#last[at] = value;
    this.length++;
  }

  at(index: number): number | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const number = index >>> SHIFT;
    if (number === this.#chunks.length) return this.#last[index & MASK];
    const chunk = this.#chunks[number];
    if (typeof chunk === 'object') return chunk[index & MASK];
    if (number !== this.#readNumber) {
      this.#read = this.#scratch.read(chunk ?? 0, CHUNK);
      this.#readNumber = number;
    }
    return this.#read[index & MASK];
  }
}
