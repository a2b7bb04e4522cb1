import assert from 'node:assert/strict';
import { limitedWork } from '../../src/etcd/limitedWork.ts';

describe('limitedWork', () => {
  it('stops a regular expression that backtracks without end, in this thread', () => {
    assert.equal(
      limitedWork({ milliseconds: 20 }, () => /^(a+)+$/u.test(`${'a'.repeat(100)}!`)),
      undefined,
    );
  });

  it('stops a loop that never ends', () => {
    const endless = (): number => {
      for (let count = 0; ; count++) if (count < 0) return count;
    };
    assert.equal(limitedWork({ milliseconds: 20 }, endless), undefined);
  });

  it('tries again as long as the work has had no processor', () => {
    const waiting = new Int32Array(new SharedArrayBuffer(4));
    let attempts = 0;
    const work = () => {
      // Like a machine that is busy with something else.
      if (++attempts < 5) Atomics.wait(waiting, 0, 0, 200);
      return 'done';
    };
    assert.equal(limitedWork({ milliseconds: 50 }, work), 'done');
    assert.equal(attempts, 5);
  });

  it('does not begin work that is too large', () => {
    let isBegun = false;
    const begin = () => (isBegun = true);
    assert.equal(limitedWork({ milliseconds: 60_000, size: 11, maxSize: 10 }, begin), undefined);
    assert.equal(isBegun, false);
    assert.equal(limitedWork({ milliseconds: 60_000, size: 10, maxSize: 10 }, begin), true);
  });

  it('returns what other work returns, and passes its failures on', () => {
    assert.equal(
      limitedWork({ milliseconds: 60_000 }, () => /^a+$/u.test('aaa')),
      true,
    );
    assert.throws(
      () =>
        limitedWork({ milliseconds: 60_000 }, () => {
          throw new RangeError('passed on');
        }),
      /passed on/,
    );
  });
});
