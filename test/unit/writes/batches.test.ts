import assert from 'node:assert/strict';
import { batches } from '../../../src/etcd/writes/batches.ts';
import { isAsExpected } from '../../../src/etcd/writes/expectation.ts';

const cut = (sizes: readonly number[], most = 128) => [...batches(sizes, most, (size) => size)];

describe('what goes into one transaction', () => {
  it('is as many items as it takes, in their order', () => {
    assert.deepEqual(cut([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(cut([1, 2], 2), [[1, 2]]);
    assert.deepEqual(cut([], 2), []);
  });

  it('has no more bytes than etcd takes, and what is larger goes alone', () => {
    assert.deepEqual(cut([600_000, 400_000, 1]), [[600_000, 400_000], [1]]);
    assert.deepEqual(cut([600_000, 400_001, 1]), [[600_000], [400_001, 1]]);
    assert.deepEqual(cut([1_400_000, 1, 1_400_000]), [[1_400_000], [1], [1_400_000]]);
    assert.deepEqual(cut([1, 1_400_000]), [[1], [1_400_000]]);
  });
});

describe('what a write expects of a key', () => {
  it('is that it is absent, or has just this revision', () => {
    const kv = { key: Uint8Array.of(1), createRevision: 1n, modRevision: 5n };
    assert.equal(isAsExpected('absent', undefined), true);
    assert.equal(isAsExpected('absent', kv), false);
    assert.equal(isAsExpected({ modRevision: 5n }, kv), true);
    assert.equal(isAsExpected({ modRevision: 4n }, kv), false);
    assert.equal(isAsExpected({ modRevision: 6n }, kv), false);
    assert.equal(isAsExpected({ modRevision: 5n }, undefined), false);
  });
});
