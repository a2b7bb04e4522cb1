import { readSync, writeSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { Damage } from './damage.ts';

/** Bytes read at a time, because a read costs as much as parsing some pages. */
const WINDOW = 64 * 1024;
const MAX_WINDOWS = 64;

/** Reads exactly `length` bytes from a position. @throws Damage if the file ends before; Node's error */
export function readExactly(fd: number, into: Uint8Array, position: number, length = into.length): void {
  for (let done = 0; done < length;) {
    const read = readSync(fd, into, done, length - done, position + done);
    if (read === 0) throw new Damage(l10n.t('The file ends at byte {0}, before what it refers to.', position + done));
    done += read;
  }
}

/** Writes all bytes at a position. @throws Node's error */
export function writeExactly(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw new Error('the file takes no more bytes');
    done += written;
  }
}

/** Parts of a file that were read lately. */
export class FileWindows {
  readonly #fd: number;
  readonly #end: number;
  readonly #window: number;
  readonly #held = new Map<number, Buffer>();

  /**
   * @param end bytes from there on are never read
   * @param pageSize a power of two
   */
  constructor(fd: number, end: number, pageSize: number) {
    this.#fd = fd;
    this.#end = end;
    this.#window = Math.max(WINDOW, pageSize);
  }

  /** Returns bytes that are valid until the next call. @throws Damage if the file ends before; Node's error */
  bytes(position: number, length: number): Buffer {
    const index = Math.floor(position / this.#window);
    const start = index * this.#window;
    if (position + length > start + this.#window || position + length > this.#end) {
      const apart = Buffer.allocUnsafe(length);
      readExactly(this.#fd, apart, position);
      return apart;
    }
    const window = this.#held.get(index) ?? this.#read(start);
    this.#held.delete(index);
    this.#held.set(index, window);
    return window.subarray(position - start, position - start + length);
  }

  #read(start: number): Buffer {
    const length = Math.min(this.#window, this.#end - start);
    let spare: Buffer | undefined;
    const [oldest] = this.#held;
    if (this.#held.size >= MAX_WINDOWS && oldest) {
      this.#held.delete(oldest[0]);
      [, spare] = oldest;
    }
    const window = spare?.length === length ? spare : Buffer.allocUnsafeSlow(length);
    readExactly(this.#fd, window, start);
    return window;
  }
}
