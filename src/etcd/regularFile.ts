import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';

/**
 * Opens a file for reading. The name may be that of a device, a pipe or a folder: only a regular file is opened, whose
 * reads never wait for a writer.
 * @throws Node's errors; EtcdError `configuration` if it is not a regular file
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // Opening a device may already have an effect.
  if (!(await stat(path)).isFile()) throw notRegular(path);
  // Windows has no such flag.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw notRegular(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads a whole regular file up to a size; the size in the file system may be wrong, as below `/proc`.
 * @throws Node's errors; EtcdError `configuration` if it is not a regular file, or is larger
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of readable(file)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(path, maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/** Yields the bytes of a file. */
export async function* readable(file: FileHandle, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(chunkBytes);
    const { bytesRead } = await file.read(chunk, 0, chunkBytes);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
  }
}

function notRegular(path: string): EtcdError {
  return new EtcdError('configuration', l10n.t('{0} is not a regular file.', path));
}

function tooLarge(path: string, maxBytes: number): EtcdError {
  const megabytes = maxBytes / (1024 * 1024);
  return new EtcdError('configuration', l10n.t('{0} is larger than {1} MB and was not read.', path, megabytes));
}
