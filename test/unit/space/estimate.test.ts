import assert from 'node:assert/strict';
import { totalOf } from '../../../src/etcd/space/estimate.ts';
import { middleKey } from '../../../src/etcd/space/middleKey.ts';
import { Random } from '../../../scripts/demo/random.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('an estimate from samples', () => {
  it('is exact if everything was read', () => {
    assert.deepEqual(totalOf([{ keys: 3, values: [10, 20, 90] }]), { value: 120, plusMinus: 0 });
    assert.deepEqual(totalOf([]), { value: 0, plusMinus: 0 });
  });

  it('counts each part by its keys', () => {
    const { value } = totalOf([
      { keys: 1000, values: [10, 10] },
      { keys: 10, values: [500, 500] },
    ]);
    assert.equal(value, 15_000);
  });

  it('contains the true total in about 95 of 100 cases', () => {
    const random = new Random('estimates');
    let within = 0;
    for (let round = 0; round < 500; round++) {
      const parts = Array.from({ length: 10 }, () => {
        const size = 100 + random.below(1000);
        const all = Array.from({ length: 200 }, () => size + random.below(size));
        return { all, sample: Array.from({ length: 6 }, () => all[random.below(all.length)] ?? 0) };
      });
      const truth = parts.flatMap(({ all }) => all).reduce((one, other) => one + other, 0);
      const { value, plusMinus } = totalOf(parts.map(({ all, sample }) => ({ keys: all.length, values: sample })));
      if (Math.abs(value - truth) <= plusMinus) within++;
    }
    assert.ok(within > 440 && within < 500, `${within} of 500`);
  });
});

describe('the middle of a range', () => {
  it('lies between its ends, whatever these are', () => {
    const random = new Random('middles');
    for (let round = 0; round < 2000; round++) {
      const key = () => Buffer.from(Array.from({ length: 1 + random.below(15) }, () => random.below(256)));
      const [one, other] = [key(), key()].toSorted(Buffer.compare);
      assert.ok(one && other);
      const middle = middleKey({ start: one, end: other });
      if (!middle || Buffer.compare(one, other) === 0) continue;
      assert.ok(Buffer.compare(one, middle) <= 0 && Buffer.compare(middle, other) < 0, `${round}`);
    }
  });

  it('is found to the end of the keyspace, and not between neighbors', () => {
    const middle = middleKey({ start: bytes('a'), end: Uint8Array.of(0) });
    assert.ok(middle && Buffer.compare(bytes('a'), middle) < 0);
    assert.equal(middleKey({ start: bytes('abc'), end: bytes('abc\0') }), undefined);
    const [long, above] = [bytes('a'.repeat(30)), bytes(`${'a'.repeat(12)}b`)];
    const between = middleKey({ start: long, end: above });
    assert.ok(between && Buffer.compare(long, between) < 0 && Buffer.compare(between, above) < 0);
  });
});
