import { createHash } from 'node:crypto';
import { readExactly } from './fileWindows.ts';

/** Bytes hashed at a time. */
const PIECE = 4 * 1024 * 1024;

/** Returns the SHA-256 of the first bytes of a file. @throws Damage if the file ends before; Node's error */
export function fileDigest(fd: number, length: number, progress: (done: number) => void = () => undefined): Buffer {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(PIECE, length));
  for (let position = 0; position < length; position += PIECE) {
    const taken = Math.min(PIECE, length - position);
    readExactly(fd, piece, position, taken);
    hash.update(piece.subarray(0, taken));
    progress((position + taken) / length);
  }
  return hash.digest();
}
