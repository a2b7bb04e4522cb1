import assert from 'node:assert/strict';
import { durationText } from '../../src/etcd/quantities.ts';

describe('a remaining time', () => {
  for (const [seconds, text] of [
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min 0 s'],
    [599, '9 min 59 s'],
    [3600, '1 h 0 min'],
    [84_959, '23 h 35 min'],
    [172_799, '47 h 59 min'],
    [172_800, '2 days'],
    [864_000, '10 days'],
  ] as const)
    it(`of ${seconds} s is ${text}`, () => assert.equal(durationText(seconds), text));
});
