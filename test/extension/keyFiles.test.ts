import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Disposable, EventEmitter, FileSystemError, FileType, Uri, workspace, type FileSystemProvider } from 'vscode';
import type { FileEntry } from '../../src/etcd/keyFiles/fileEntry.ts';
import { readKeyFolder, writeKeyFolder } from '../../src/etcd/keyFiles/keyFolder.ts';
import { SLASHES } from '../../src/etcd/keyspace/hierarchy.ts';
import { compareKeys } from '../../src/etcd/keyspace/ranges.ts';
import { folderAccess, writeWholeFolder } from '../../src/ui/folderAccess.ts';
import { readInChunks, writeWhole } from '../../src/ui/localFile.ts';
import { partsWith, randomEntries } from '../unit/keyFiles/randomEntries.ts';
import { Random } from '../unit/keyspace/random.ts';

/** A file system that has nothing but whole files, as those of other extensions. */
class WholeFiles implements FileSystemProvider {
  readonly files = new Map<string, Uint8Array>();
  readonly onDidChangeFile = new EventEmitter<never>().event;

  watch = () => new Disposable(() => undefined);
  stat = (uri: Uri) => ({ type: FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length });
  writeFile = (uri: Uri, content: Uint8Array) => void this.files.set(uri.path, content);
  readFile = (uri: Uri) => {
    const found = this.files.get(uri.path);
    if (!found) throw FileSystemError.FileNotFound(uri);
    return found;
  };
  readDirectory = () => [];
  createDirectory = () => undefined;
  delete = () => undefined;
  rename = () => undefined;
}

describe('files of keys', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etcd-files-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function* pieces(until?: Error): AsyncGenerator<string> {
    for (let piece = 0; piece < 30; piece++) yield `${piece} `.repeat(20_000);
    if (until) throw until;
  }

  async function read(uri: Uri): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readInChunks(uri)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  it('appear when they are complete, for their owner only', async () => {
    const uri = Uri.file(join(folder, 'a %41?.json'));
    await writeWhole(uri, pieces());
    assert.deepEqual(await readdir(folder), ['a %41?.json']);
    assert.equal((await stat(uri.fsPath)).mode & 0o077, 0);
    const text = await read(uri);
    assert.equal(text, await readFile(uri.fsPath, 'utf8'));
    assert.ok(text.startsWith('0 0 ') && text.endsWith('29 29 '));
  });

  it('leave no half file behind when they are cancelled, and the old one as it was', async () => {
    const path = join(folder, 'old.json');
    await writeFile(path, 'as it was');
    await assert.rejects(writeWhole(Uri.file(path), pieces(new Error('cancelled'))), /cancelled/);
    assert.deepEqual(await readdir(folder), ['old.json']);
    assert.equal(await readFile(path, 'utf8'), 'as it was');
  });

  it('are written whole where a file system has no streams', async () => {
    const files = new WholeFiles();
    const registered = workspace.registerFileSystemProvider('whole', files);
    try {
      const uri = Uri.parse('whole:/keys.json');
      await writeWhole(uri, pieces());
      assert.ok((await read(uri)).endsWith('29 29 '));
    } finally {
      registered.dispose();
    }
  });

  const entries = randomEntries(new Random(8), '', false);

  it('as a folder give back every odd key', async () => {
    const target = Uri.file(join(folder, 'keys #1%41'));
    await writeWholeFolder(target, async (access) => {
      await writeKeyFolder(access, partsWith({ prefix: new Uint8Array() }, entries), { hierarchy: SLASHES });
    });
    const found: FileEntry[] = [];
    for await (const part of readKeyFolder(folderAccess(target))) if ('entries' in part) found.push(...part.entries);
    const told = (list: readonly FileEntry[]) =>
      list
        .toSorted((a, b) => compareKeys(a.key, b.key))
        .map(({ key, value }) => [Buffer.from(key).toString('latin1'), Buffer.from(value).toString('latin1')]);
    assert.deepEqual(told(found), told(entries));
  });

  it('as a folder leave nothing behind when they are cancelled', async () => {
    const writing = writeWholeFolder(Uri.file(join(folder, 'keys')), async (access) => {
      const parts = async function* () {
        yield* partsWith({ prefix: new Uint8Array() }, entries.slice(0, 10));
        throw new Error('cancelled');
      };
      await writeKeyFolder(access, parts(), { hierarchy: SLASHES });
    });
    await assert.rejects(writing, /cancelled/);
    assert.deepEqual(await readdir(folder), []);
  });
});
