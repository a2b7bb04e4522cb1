import assert from 'node:assert/strict';
import { readKeyFolder, writeKeyFolder } from '../../../src/etcd/keyFiles/keyFolder.ts';
import { segmentNames, segmentOf } from '../../../src/etcd/keyFiles/folderNames.ts';
import { Hierarchy, SLASHES } from '../../../src/etcd/keys/hierarchy.ts';
import { compareKeys } from '../../../src/etcd/keys/ranges.ts';
import { Random } from '../listing/random.ts';
import { gathered, partsWith, randomEntries } from './randomEntries.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file system that ignores case, and accepts only names that every system accepts. */
class CautiousFolder {
  readonly files = new Map<string, { readonly path: readonly string[]; readonly content?: Uint8Array }>();

  async exists(path: readonly string[]): Promise<boolean> {
    return this.files.has(this.#id(path));
  }

  async createFolder(path: readonly string[]): Promise<void> {
    const found = this.files.get(this.#id(path));
    assert.equal(found?.content, undefined, `a file stands at ${path.join('/')}`);
    this.files.set(this.#id(path), { path });
  }

  async writeFile(path: readonly string[], content: Uint8Array): Promise<void> {
    assert.ok(!this.files.has(this.#id(path)), path.join('/'));
    assert.ok(path.length === 1 || this.files.get(this.#id(path.slice(0, -1)))?.content === undefined);
    this.files.set(this.#id(path), { path, content });
  }

  async writeText(path: readonly string[], pieces: AsyncIterable<string>): Promise<void> {
    let text = '';
    for await (const piece of pieces) text += piece;
    await this.writeFile(path, bytes(text));
  }

  async list(path: readonly string[]): Promise<{ name: string; isFolder: boolean }[]> {
    return [...this.files.values()]
      .filter((file) => file.path.length === path.length + 1 && this.#id(file.path.slice(0, -1)) === this.#id(path))
      .map((file) => ({ name: file.path.at(-1) ?? '', isFolder: file.content === undefined }));
  }

  async readFile(path: readonly string[]): Promise<Uint8Array> {
    return this.files.get(this.#id(path))?.content ?? assert.fail(path.join('/'));
  }

  async *readChunks(path: readonly string[]): AsyncGenerator<Uint8Array> {
    yield await this.readFile(path);
  }

  /** Removes all keys from the manifest. */
  unlistAll(): void {
    const path = ['.etcd-keys.json'];
    const manifest: unknown = JSON.parse(Buffer.from(this.files.get(this.#id(path))?.content ?? '').toString('utf8'));
    const content = bytes(JSON.stringify(Object.assign({}, manifest, { keys: [] })));
    this.files.set(this.#id(path), { path, content });
  }

  #id(path: readonly string[]): string {
    assert.ok(Buffer.byteLength(path.join('/')) < 800, path.join('/'));
    for (const [index, name] of path.entries()) {
      assert.ok(!name.startsWith('.') || (index === 0 && name === '.etcd-keys.json'), name);
      assert.doesNotMatch(
        name,
        /^(?:head|node_modules|package\.json|makefile|desktop\.ini|.*\.code-workspace|git~1)$/i,
      );
      assert.ok(name.length > 0 && Buffer.byteLength(name) <= 255, name);
      assert.doesNotMatch(name, /[/<>:"|?*\\\p{C}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|^\.\.?$/iu);
    }
    return path.map((name) => name.toLowerCase().normalize('NFC')).join('/');
  }
}

const COLONS_AND_SLASHES = new Hierarchy([bytes(': '), bytes('/')]);
const FLAT = new Hierarchy([]);

describe('a folder with one file per key', () => {
  it('gives back every key on a file system that takes few names and does not tell cases apart', async () => {
    const random = new Random(5);
    for (let run = 0; run < 300; run++) {
      const prefix = random.pick(['', '/app/']);
      const entries = randomEntries(random, prefix, random.pick([true, false]));
      const hierarchy = random.pick([SLASHES, COLONS_AND_SLASHES, FLAT]);
      const folder = new CautiousFolder();
      const header = { prefix: bytes(prefix), revision: 9n, cluster: 'ab' };
      await writeKeyFolder(folder, partsWith(header, entries), { hierarchy });
      const read = await gathered(readKeyFolder(folder));
      assert.deepEqual(read, { header: { ...header, separators: hierarchy.separators }, entries });
      // For files outside the manifest, the names alone must give the keys.
      folder.unlistAll();
      if (folder.files.has('%~')) {
        await assert.rejects(gathered(readKeyFolder(folder)), /%~\/1 has a shortened name/);
        continue;
      }
      const { entries: unlisted } = await gathered(readKeyFolder(folder));
      assert.deepEqual(
        unlisted.toSorted((a, b) => compareKeys(a.key, b.key)),
        entries.map(({ key, value }) => ({ key, value })),
      );
    }
  });

  it('gives back keys that are longer than any path, and those beside them', async () => {
    const long = ['x'.repeat(5000), 'deep/'.repeat(1500), 'é'.repeat(3000), '\x01'.repeat(2000)];
    const keys = long.flatMap((key) => [key, `${key}/a`, `a/${key}`, 'a/b', 'a/~', 'x/a', `${'x'.repeat(300)}/a`]);
    const entries = [...new Set(keys)]
      .map((key) => ({ key: bytes(key), value: bytes(`value of ${key.length}`) }))
      .toSorted((a, b) => compareKeys(a.key, b.key));
    const folder = new CautiousFolder();
    await writeKeyFolder(folder, partsWith({ prefix: new Uint8Array() }, entries), { hierarchy: SLASHES });
    assert.deepEqual((await gathered(readKeyFolder(folder))).entries, entries);
    assert.ok(folder.files.has('a/b') && folder.files.has(`${'x'.repeat(200)}%+`));
  });

  it('shows values as YAML in files that are no keys, whatever keys are called', async () => {
    const folder = new CautiousFolder();
    const names = ['a', 'A', 'a%.yaml', 'a.yaml', 'a/b', 'con', 'x'.repeat(5000), '\x01'.repeat(100)];
    const entries = names
      .map((key) => ({ key: bytes(key), value: bytes(`value of ${key}`), yaml: `of: ${key.length}` }))
      .toSorted((a, b) => compareKeys(a.key, b.key));
    await writeKeyFolder(folder, partsWith({ prefix: new Uint8Array() }, entries), { hierarchy: SLASHES });
    assert.equal(Buffer.from(await folder.readFile(['a%.yaml'])).toString(), 'of: 1');
    assert.equal([...folder.files.values()].filter(({ path }) => path.at(-1)?.endsWith('%.yaml')).length, names.length);
    const values = entries.map(({ key, value }) => ({ key, value }));
    assert.deepEqual((await gathered(readKeyFolder(folder))).entries, values);
  });

  it('leaves the name of its manifest to it, whatever a key is called', async () => {
    const folder = new CautiousFolder();
    const entries = ['.ETCD-keys.json', '.etcd-keys.json', '.etcd-keys.json/a'].map((key) => ({
      key: bytes(key),
      value: bytes(key),
    }));
    await writeKeyFolder(folder, partsWith({ prefix: new Uint8Array() }, entries), { hierarchy: SLASHES });
    assert.deepEqual((await gathered(readKeyFolder(folder))).entries, entries);
  });

  it('keeps ordinary names as they are', async () => {
    for (const name of [
      'application.yaml',
      'größe',
      '日本',
      'two words',
      "it's",
      'a&b',
      'env',
      'README',
      'x.git',
      'config.json',
    ])
      assert.deepEqual(segmentNames(bytes(name)), [name]);
  });

  it('escapes names that make a folder a repository, a program or a configuration, in any case and as a part of a long one', () => {
    const names = [
      '.git',
      '.GIT',
      '.gitattributes',
      '.vscode',
      '.envrc',
      '.npmrc',
      '.editorconfig',
      '.',
      '..',
      'GIT~1',
    ];
    const more = ['HEAD', 'head', 'node_modules', 'package.json', 'Makefile', 'Cargo.toml', 'build.gradle.kts'];
    const last = [
      'x.code-workspace',
      'eslint.config.mjs',
      'vite.config.ts',
      'Desktop.ini',
      'Directory.Build.props',
      'con',
    ];
    for (const name of [...names, ...more, ...last]) {
      const [written = '', ...rest] = segmentNames(bytes(name));
      assert.deepEqual(rest, []);
      assert.match(written, /^%[\dA-F]{2}/, name);
      assert.deepEqual(Buffer.from(segmentOf([written]).segment).toString(), name);
    }
    const long = segmentNames(bytes('x'.repeat(200) + 'node_modules'));
    assert.deepEqual(long.slice(1), ['%6Eode_modules']);
    assert.deepEqual(Buffer.from(segmentOf(long).segment).toString(), `${'x'.repeat(200)}node_modules`);
  });

  it('gives each way to write a segment back as that segment, and no name twice', () => {
    for (const segment of ['', 'a', 'CON', '..', ' ', 'x'.repeat(900), '\x01'.repeat(150), '%41', '\xff'].map((text) =>
      Buffer.from(text, 'latin1'),
    )) {
      const seen = new Set<string>();
      for (let attempt = 0; attempt < 5; attempt++) {
        const names = segmentNames(segment, attempt);
        assert.deepEqual(Buffer.from(segmentOf(names).segment), segment);
        seen.add(names.join('/').toLowerCase());
      }
      assert.ok(seen.size >= 4, [...seen].join(' '));
    }
  });

  it('takes names as they are in a folder that somebody else made', async () => {
    const folder = new CautiousFolder();
    await folder.createFolder(['sub']);
    await folder.writeFile(['sub', '100%41'], bytes('one'));
    const { header, entries } = await gathered(readKeyFolder(folder));
    assert.deepEqual(header, { prefix: new Uint8Array() });
    assert.deepEqual(entries, [{ key: bytes('sub/100%41'), value: bytes('one') }]);
  });
});
