import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Disposable, EventEmitter, FileSystemError, FileType, Uri, workspace, type FileSystemProvider } from 'vscode';
import type { FileEntry } from '../../src/etcd/keyFiles/fileEntry.ts';
import { readKeyFolder, writeKeyFolder } from '../../src/etcd/keyFiles/keyFolder.ts';
import { SLASHES } from '../../src/etcd/keys/hierarchy.ts';
import { compareKeys } from '../../src/etcd/keys/ranges.ts';
import { folderAccess, writeWholeFolder } from '../../src/ui/folderAccess.ts';
import { readInChunks, writeFile as writeKeyFile, writeWhole } from '../../src/ui/localFile.ts';
import { partsWith, randomEntries } from '../unit/keyFiles/randomEntries.ts';
import { Random } from '../unit/listing/random.ts';

/** A file system with only whole files, like those of other extensions. */
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

  it('as a folder are for their owner only, and no repository', async () => {
    const target = Uri.file(join(folder, 'keys'));
    const keys = [
      '.git/HEAD',
      '.git/config',
      'bare/HEAD',
      'bare/config',
      'bare/objects/x',
      'bare/refs/x',
      '.envrc',
      'a/b',
    ];
    const live = keys.toSorted().map((key) => ({ key: Buffer.from(key), value: Buffer.from('[core]\n') }));
    await writeWholeFolder(target, async (access) => {
      await writeKeyFolder(access, partsWith({ prefix: new Uint8Array() }, live), { hierarchy: SLASHES });
    });
    const names = await readdir(target.fsPath, { recursive: true, withFileTypes: true });
    assert.deepEqual(
      names.filter(({ name }) => /^(?:\.(?!etcd-keys)|head$)/i.test(name)),
      [],
    );
    assert.equal((await stat(target.fsPath)).mode & 0o777, 0o700);
    for (const entry of names) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      assert.equal(mode & 0o777, entry.isDirectory() ? 0o700 : 0o600, entry.name);
    }
  });

  it('as a folder have nothing to do with folders of others, whatever these are called', async () => {
    const target = join(folder, 'keys');
    const others = ['keys.part', '.etcd-export-left'].map((name) => join(folder, name));
    for (const other of others) {
      await mkdir(other);
      await writeFile(join(other, 'a'), 'of somebody else');
    }
    const write = (failure?: Error) =>
      writeWholeFolder(Uri.file(target), async (access) => {
        await writeKeyFolder(access, partsWith({ prefix: new Uint8Array() }, entries), { hierarchy: SLASHES });
        if (failure) throw failure;
      });
    await assert.rejects(write(new Error('cancelled')), /cancelled/);
    await write();
    assert.deepEqual((await readdir(folder)).toSorted(), ['.etcd-export-left', 'keys', 'keys.part']);
    for (const other of others) assert.equal(await readFile(join(other, 'a'), 'utf8'), 'of somebody else');
    // Files created meanwhile stay.
    const meanwhile = Uri.file(join(folder, 'meanwhile'));
    const late = writeWholeFolder(meanwhile, async () => {
      await mkdir(meanwhile.fsPath);
      await writeFile(join(meanwhile.fsPath, 'a'), 'of somebody else');
    });
    await assert.rejects(late);
    assert.equal(await readFile(join(meanwhile.fsPath, 'a'), 'utf8'), 'of somebody else');
    assert.equal((await readdir(folder)).length, 4);
  });

  it('that are not of this machine are looked at once more when they are written', async () => {
    const files = new WholeFiles();
    files.writeFile = (uri, content) => void files.files.set(uri.path, content.subarray(0, 1000));
    const registered = workspace.registerFileSystemProvider('short', files);
    try {
      await assert.rejects(writeWhole(Uri.parse('short:/keys.json'), pieces()), /only 1000 of \d+ bytes/);
      await assert.rejects(writeKeyFile(Uri.parse('short:/ca.pem'), new Uint8Array(2000)), /only 1000 of 2000 bytes/);
    } finally {
      registered.dispose();
    }
  });

  it('that are replaced keep their permissions and links, and are as they were after a failure', async () => {
    const path = join(folder, 'settings.json');
    await writeFile(path, 'old', { mode: 0o640 });
    await symlink(path, join(folder, 'link.json'));
    await writeKeyFile(Uri.file(join(folder, 'link.json')), Buffer.from('new'));
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.equal((await stat(path)).mode & 0o777, 0o640);
    assert.ok((await lstat(join(folder, 'link.json'))).isSymbolicLink());
    await writeKeyFile(Uri.file(join(folder, 'made', 'ca.pem')), Buffer.from('new'));
    assert.deepEqual(await readdir(join(folder, 'made')), ['ca.pem']);
    await assert.rejects(writeKeyFile(Uri.file(folder), Buffer.from('x')), /could not be written/);
    assert.deepEqual((await readdir(folder)).toSorted(), ['link.json', 'made', 'settings.json']);
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
