import assert from 'node:assert/strict';
import { Hierarchy, SLASHES } from '../../../src/etcd/keys/hierarchy.ts';
import { binary } from '../listing/memoryReader.ts';

describe('Hierarchy', () => {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const of = (...separators: string[]) => new Hierarchy(separators.map(binary));

  it('knows the folder of a path, and the one around it', () => {
    const cases: readonly (readonly [Hierarchy, string, string, string])[] = [
      [SLASHES, '/a/b', '/a/', '/a/'],
      [SLASHES, '/a/b/', '/a/b/', '/a/'],
      [SLASHES, '/', '/', ''],
      [SLASHES, 'a', '', ''],
      [SLASHES, '//', '//', '/'],
      [of(':'), 'a:b/c:d', 'a:b/c:', 'a:b/c:'],
      [of('/', ':'), 'a:b/c', 'a:b/', 'a:b/'],
      [of('::'), 'a::b:::c', 'a::b::', 'a::b::'],
      [of('::'), 'a:::', 'a::', 'a::'],
      [of('\xe2\x86\x92'), 'a\xe2\x86\x92b', 'a\xe2\x86\x92', 'a\xe2\x86\x92'],
      [of(), 'a/b:c', '', ''],
    ];
    for (const [hierarchy, path, folder, parent] of cases) {
      assert.equal(text(hierarchy.folderOf(binary(path))), folder, path);
      assert.equal(text(hierarchy.parentOf(binary(path))), parent, path);
      assert.equal(hierarchy.isFolder(binary(path)), path === folder && path !== '', path);
    }
  });

  it('ends a segment where the first separator ends, so that folders never overlap', () => {
    assert.deepEqual(of('::', ':').segmentEnd('a::b', 0), { name: 1, separator: 2 });
    assert.deepEqual(of('b', 'ab').segmentEnd('xab', 0), { name: 1, separator: 3 });
    assert.deepEqual(of('abc', 'b').segmentEnd('abc', 0), { name: 1, separator: 2 });
    assert.equal(of('/').segmentEnd('a/b', 2), undefined);
  });

  it('makes a folder of a path by its first separator', () => {
    assert.equal(text(of(':', '/').asFolder(binary('a'))), 'a:');
    assert.equal(text(of(':', '/').asFolder(binary('a/'))), 'a/');
    assert.equal(text(SLASHES.asFolder(binary(''))), '');
    assert.equal(text(of().asFolder(binary('a'))), 'a');
  });

  it('refuses an empty separator', () => {
    assert.throws(() => of(''), RangeError);
  });
});
