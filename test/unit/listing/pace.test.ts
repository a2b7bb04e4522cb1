import assert from 'node:assert/strict';
import { RoundTripPace } from '../../../src/etcd/listing/childListing.ts';
import { farPace, nearPace } from './paces.ts';

/** Returns a pace after answers with these times and counts. */
function paceAfter(...answers: readonly (readonly [milliseconds: number, counted: number])[]): RoundTripPace {
  let now = 1000;
  const pace = new RoundTripPace(() => now);
  for (const [milliseconds, count] of answers) {
    const answered = pace.start();
    now += milliseconds;
    answered({ revision: 1n, results: [{ keys: [], count }] });
  }
  return pace;
}

describe('RoundTripPace', () => {
  const { settings: near } = nearPace;
  const { settings: far } = farPace;
  const cases: [string, RoundTripPace, object][] = [
    ['is near before the first answer', paceAfter(), near],
    ['is near after quick answers', paceAfter([1, 10], [5, 100]), near],
    ['is far after slow answers that were little work', paceAfter([21, 10]), far],
    ['is near after slow answers that were much work', paceAfter([300, 1_000_000]), near],
    ['is far once a small answer shows it', paceAfter([300, 1_000_000], [100, 10]), far],
    ['is near when one small answer was quick among slow ones', paceAfter([100, 10], [2, 10], [100, 10]), near],
  ];
  for (const [what, pace, settings] of cases) {
    it(what, () => assert.deepEqual(pace.settings, settings));
  }

  it('forgets how things were', () => {
    const slow = Array.from({ length: 32 }, () => [100, 10] as const);
    assert.deepEqual(paceAfter([1, 10], ...slow).settings, far);
  });
});
