import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { workspace, type Uri } from 'vscode';

/** Writes gathered text of about so many characters at once. */
const CHARACTERS_AT_ONCE = 1024 * 1024;
const CHUNK = 256 * 1024;

/**
 * Writes a file from text that comes in pieces. The file appears, or is replaced, when all of it is written; a failure on the
 * way leaves nothing behind. Where its file system is none of this machine's, which has no streams, memory holds the file once.
 */
export async function writeWhole(target: Uri, pieces: AsyncIterable<string>): Promise<void> {
  if (target.scheme === 'file') {
    const part = join(dirname(target.fsPath), `.${basename(target.fsPath)}.${randomUUID().slice(0, 8)}.part`);
    try {
      await writeLocal(part, pieces);
      await rename(part, target.fsPath);
    } finally {
      await rm(part, { force: true });
    }
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'etcd-export-'));
  try {
    const part = join(folder, 'part');
    await writeLocal(part, pieces);
    await workspace.fs.writeFile(target, await readFile(part));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Only its owner may read it: values are often secret. */
async function writeLocal(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let gathered: string[] = [];
    let length = 0;
    const flush = async () => {
      await file.writeFile(gathered.join(''));
      [gathered, length] = [[], 0];
    };
    for await (const piece of pieces) {
      gathered.push(piece);
      length += piece.length;
      if (length >= CHARACTERS_AT_ONCE) await flush();
    }
    await flush();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file's bytes as they come; of a file system without streams, all at once. */
export async function* readInChunks(source: Uri): AsyncGenerator<Uint8Array> {
  if (source.scheme !== 'file') return yield await workspace.fs.readFile(source);
  const file = await open(source.fsPath);
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const { bytesRead } = await file.read(chunk, 0, CHUNK);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
