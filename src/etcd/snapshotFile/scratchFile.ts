import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedMap } from '../boundedMap.ts';
import { readExactly, writeExactly } from './fileWindows.ts';

/** Bytes of numbers that stay in memory. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** Chunks that were read lately. */
const MAX_READ = 32;

/** Numbers of an index that is being built, or could not be saved: up to a limit in memory, the others in a file. */
export class ScratchFile {
  readonly #folder: string;
  readonly #maxHeld: number;
  #held = 0;
  #fd: number | undefined;
  #end = 0;
  readonly #read = new BoundedMap<number, Uint32Array<ArrayBuffer>>({ entries: MAX_READ });

  /** @param folder a folder of the caller's, to be removed once this is closed */
  constructor(folder: string, maxHeld = MAX_HELD_BYTES) {
    this.#folder = folder;
    this.#maxHeld = maxHeld;
  }

  /** How many numbers may be sorted at a time, in addition to those that are held. */
  get mostSorted(): number {
    return this.#maxHeld / 8;
  }

  /** Takes numbers that will not change; returns their position in the file, or undefined if they may stay in memory. */
  store(numbers: Uint32Array): number | undefined {
    if (this.#held + numbers.byteLength <= this.#maxHeld) {
      this.#held += numbers.byteLength;
      return undefined;
    }
    this.#fd ??= this.#open();
    const position = this.#end;
    writeExactly(this.#fd, bytesOf(numbers), position);
    this.#end += numbers.byteLength;
    return position;
  }

  /** Returns numbers from the file, which are not to be changed. */
  read(position: number, count: number): Uint32Array<ArrayBuffer> {
    const known = this.#read.get(position);
    if (known) return known;
    const numbers = new Uint32Array(count);
    if (this.#fd !== undefined) readExactly(this.#fd, bytesOf(numbers), position);
    this.#read.set(position, numbers);
    return numbers;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): number {
    const path = join(this.#folder, 'numbers');
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    // An open file stays usable, and nothing is left behind even if this process is killed.
    if (process.platform !== 'win32') unlinkSync(path);
    return fd;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
