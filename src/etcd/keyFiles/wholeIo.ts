import type { FileHandle } from 'node:fs/promises';

// See docs/contributing/decisions/key-files.md

/**
 * Writes all bytes at a position. A single write may write fewer bytes without failing, as on a disk that is nearly
 * full; only the next write fails then.
 * @throws Node's error
 */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the file takes no more bytes');
    done += bytesWritten;
  }
}

/** Reads `length` bytes from a position. @throws Error if the file ends before; Node's error */
export async function readAll(file: FileHandle, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('the file has become shorter');
    done += bytesRead;
  }
  return bytes;
}
