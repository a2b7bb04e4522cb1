import assert from 'node:assert/strict';
import { BoundedMap } from '../../src/etcd/boundedMap.ts';

describe('BoundedMap', () => {
  it('forgets the entries that were set longest ago', () => {
    const map = new BoundedMap<string, number>({ entries: 3 }, [['a', 0]]);
    for (const [at, key] of ['b', 'c', 'a', 'd'].entries()) map.set(key, at);
    assert.deepEqual(
      [...map],
      [
        ['c', 1],
        ['a', 2],
        ['d', 3],
      ],
    );
    for (let key = 0; key < 100_000; key++) map.set(String(key), key);
    assert.equal(map.size, 3);
  });

  it('holds no more bytes than it may, however they come and go', () => {
    const map = new BoundedMap<number, string>({ entries: 100, bytes: 10, bytesOf: (text) => text.length });
    map.set(1, 'aaaa').set(2, 'bbbb').set(1, 'aa');
    assert.deepEqual([[...map.keys()], map.bytes], [[2, 1], 6]);
    map.set(3, 'cccccc');
    assert.deepEqual([[...map.keys()], map.bytes], [[1, 3], 8]);
    map.delete(1);
    map.set(4, 'larger than all of it');
    assert.deepEqual([...map.keys()], [4]);
    map.clear();
    assert.equal(map.bytes, 0);
  });

  it('keeps what is in use beyond its limit', () => {
    const open = new Set(['a', 'c']);
    const map = new BoundedMap<string, number>({ entries: 2, inUse: () => open });
    for (const key of ['a', 'b', 'c', 'd', 'e']) map.set(key, 0);
    assert.deepEqual([...map.keys()], ['a', 'c', 'e']);
  });
});
