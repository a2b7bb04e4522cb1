import assert from 'node:assert/strict';
import { unseenKeyspace } from '../../../scripts/bench/unseenKeyspace.ts';

const SEEDS = Array.from({ length: 60 }, (_, at) => at + 1);
const SIZE = 3000;
const keyspaces = SEEDS.map((seed) => unseenKeyspace(seed, SIZE, '/root/'));

describe('a keyspace by seed', () => {
  it('is the same for the same seed, and another for another one', () => {
    assert.deepEqual(unseenKeyspace(7, SIZE, '/root/'), keyspaces[6]);
    assert.equal(new Set(keyspaces.map(({ keys }) => keys.join())).size, SEEDS.length);
  });

  it('has about as many keys as asked for, in order, each once and below its folder', () => {
    for (const { keys, folder, what } of keyspaces) {
      assert.ok(keys.length > SIZE / 2 && keys.length < 4 * SIZE, `${keys.length} keys: ${what}`);
      assert.equal(new Set(keys).size, keys.length);
      for (const [at, key] of keys.entries()) {
        assert.ok(key.startsWith(folder) && key.length > folder.length, key);
        assert.ok(at === 0 || Buffer.compare(Buffer.from(keys[at - 1] ?? ''), Buffer.from(key)) < 0, key);
      }
    }
  });

  it('differs from others in separators, depth and the number of children', () => {
    const depths = keyspaces.map(({ keys, folder, separator }) =>
      Math.max(...keys.map((key) => key.slice(folder.length).split(separator).length)),
    );
    const fanOuts = keyspaces.map(({ keys, folder, separator }) => {
      return new Set(keys.map((key) => key.slice(folder.length).split(separator)[0])).size;
    });
    assert.deepEqual([...new Set(depths)].toSorted(), [1, 2, 3, 4, 5]);
    assert.ok(new Set(keyspaces.map(({ separator }) => separator)).size >= 4);
    assert.ok(Math.min(...fanOuts) <= 3 && Math.max(...fanOuts) >= SIZE / 2);
  });
});
