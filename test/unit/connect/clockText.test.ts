import assert from 'node:assert/strict';
import { clockText } from '../../../src/etcd/connect/serverFacts.ts';

/** The moment at which a server answers, in milliseconds since 1970. */
const NOW = Date.UTC(2026, 10, 29, 12, 0, 0, 400);
const header = (milliseconds: number) => new Date(milliseconds).toUTCString();

describe("a server's clock", () => {
  for (const [difference, text] of [
    [0, "agrees with this machine's clock"],
    [500, "agrees with this machine's clock"],
    [-500, "agrees with this machine's clock"],
    [60_000, "60 s ahead of this machine's clock: correct one of them"],
    [-3_600_000, "3,600 s behind this machine's clock: correct one of them"],
  ] as const)
    it(`that is ${difference} ms ahead ${text}`, () =>
      assert.equal(clockText(header(NOW + difference), NOW - 20, NOW + 20), text));

  it('agrees as far as a slow answer lets it be known', () =>
    assert.equal(clockText(header(NOW + 4000), NOW - 5000, NOW + 5000), "agrees with this machine's clock"));

  it('is not told by an answer without a date', () =>
    assert.equal(clockText('undefined', NOW, NOW), 'this server does not report it'));
});
