import assert from 'node:assert/strict';
import { runWithin } from '../../../src/etcd/search/timeLimit.ts';

describe('the time limit of regular expressions', () => {
  it('stops one that backtracks without end, in this thread', () => {
    assert.equal(
      runWithin(20, () => void /^(a+)+$/u.test(`${'a'.repeat(100)}!`)),
      false,
    );
  });

  it('lets others come to their end, and passes failures on', () => {
    let isMatch = false;
    assert.equal(
      runWithin(60_000, () => void (isMatch = /^a+$/u.test('aaa'))),
      true,
    );
    assert.equal(isMatch, true);
    assert.throws(
      () =>
        runWithin(60_000, () => {
          throw new RangeError('passed on');
        }),
      /passed on/,
    );
  });
});
