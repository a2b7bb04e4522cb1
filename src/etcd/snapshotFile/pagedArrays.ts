import { BoundedMap } from '../boundedMap.ts';
import { readExactly } from './fileWindows.ts';
import type { Bytes, Numbers } from './numbers.ts';

/** Bytes read at a time, a multiple of every number's size. */
const PAGE = 64 * 1024;
/** Pages that are kept in memory: 64 MB. */
const MAX_PAGES = 1024;

/** Numbers of a file with 4 bytes each, or with 8 as floating-point numbers. */
export type NumberWidth = 4 | 8;

/** A file of arrays, of which the pages that were read last are in memory. It must not change. */
export class PagedFile {
  readonly #fd: number;
  readonly #size: number;
  readonly #pages = new BoundedMap<number, ArrayBuffer>({ entries: MAX_PAGES });

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  /** @throws Damage if the file has become shorter; Node's error */
  page(number: number): ArrayBuffer {
    const known = this.#pages.get(number);
    if (known) return known;
    const page = new ArrayBuffer(PAGE);
    readExactly(this.#fd, new Uint8Array(page), number * PAGE, Math.min(PAGE, this.#size - number * PAGE));
    this.#pages.set(number, page);
    return page;
  }
}

/** Numbers in a file. */
export class PagedNumbers implements Numbers {
  readonly length: number;
  readonly #file: PagedFile;
  readonly #from: number;
  readonly #width: NumberWidth;
  /** The page that was used last. */
  #number = -1;
  #page: Uint32Array | Float64Array = new Uint32Array();

  /** @param from position in the file, a multiple of the width */
  constructor(file: PagedFile, from: number, length: number, width: NumberWidth) {
    this.#file = file;
    this.#from = from;
    this.length = length;
    this.#width = width;
  }

  at(index: number): number | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const position = this.#from + index * this.#width;
    const number = Math.floor(position / PAGE);
    if (number !== this.#number) {
      const page = this.#file.page(number);
      this.#page = this.#width === 4 ? new Uint32Array(page) : new Float64Array(page);
      this.#number = number;
    }
    return this.#page[(position % PAGE) / this.#width];
  }
}

/** Bytes in a file. */
export class PagedBytes implements Bytes {
  readonly length: number;
  readonly #file: PagedFile;
  readonly #from: number;

  constructor(file: PagedFile, from: number, length: number) {
    this.#file = file;
    this.#from = from;
    this.length = length;
  }

  subarray(from: number, to: number): Uint8Array {
    const [begin, end] = [this.#from + from, this.#from + Math.min(to, this.length)];
    const number = Math.floor(begin / PAGE);
    if (end <= (number + 1) * PAGE)
      return new Uint8Array(this.#file.page(number), begin % PAGE, Math.max(0, end - begin));
    const bytes = new Uint8Array(end - begin);
    for (let at = begin; at < end;) {
      const taken = Math.min(end, (Math.floor(at / PAGE) + 1) * PAGE) - at;
      bytes.set(new Uint8Array(this.#file.page(Math.floor(at / PAGE)), at % PAGE, taken), at - begin);
      at += taken;
    }
    return bytes;
  }
}
