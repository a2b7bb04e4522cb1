import assert from 'node:assert/strict';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { scanPages, type PageSource } from '../../../src/etcd/scan/scanPages.ts';
import { ScanPath, type PageRequest } from '../../../src/etcd/scan/scanPath.ts';
import type { RangeKeys } from '../../../src/etcd/listing/childListing.ts';
import type { KeyRange } from '../../../src/etcd/keyStore.ts';
import { binary, MemoryReader } from '../listing/memoryReader.ts';
import { oddKeyspace } from '../listing/oddKeyspace.ts';
import { Random } from '../listing/random.ts';
import { folders, kubernetes, leaves, oneGiant, types, uuids } from '../listing/shapes.ts';

/** Scans a range with several requests under way, as `rangeScan` does. */
function scan(keys: readonly string[], range: KeyRange, limit: number, underWay: number) {
  const reader = new MemoryReader(keys);
  const path = new ScanPath(range);
  const asked = new Set<PageRequest>();
  const found: string[] = [];
  let longest = 0;
  const ask = (): boolean => {
    const request = path.next(limit);
    if (request) asked.add(request);
    return request !== undefined;
  };
  for (;;) {
    while ((asked.size < underWay || !path.first) && ask());
    const { first } = path;
    if (!first) break;
    assert.ok(asked.delete(first), 'what is taken was asked');
    const [answer = { keys: [], count: 0 }] = reader.answer(
      [{ ...first.range, limit: first.limit }],
      undefined,
    ).results;
    const ends = [answer.keys[0], answer.keys.at(-1)].map((key) => (key === undefined ? undefined : binary(key)));
    path.take({ keys: answer.keys.length, count: answer.count, first: ends[0], last: ends[1] });
    for (const key of answer.keys) found.push(key);
    longest = Math.max(longest, answer.keys.length);
  }
  assert.equal(asked.size, 0, 'nothing is asked in vain');
  return { found, longest, requests: reader.asked.length, counted: reader.countedKeys };
}

const LIMIT = 1000;

/** Limit besides full pages that each count everything left, which is 50 times all keys here. */
const MAX_REQUESTS = 2;
/** Shapes with the limit of how often each key may be counted. */
const SHAPES: readonly (readonly [name: string, counted: number, keys: () => readonly string[]])[] = [
  ['many levels', 20, () => types('/a/', 10, 20, 500)],
  ['folders of one size', 4, () => folders('/b/', 500, 200)],
  ['small folders', 4, () => folders('/c/', 9000, 4)],
  ['leaves', 4, () => leaves('/d/', 100_000)],
  ['a Kubernetes cluster', 12, () => kubernetes('/e/', 3, 100)],
  ['one giant among small ones', 6, () => oneGiant('/f/', 400, 90_000)],
  ['names without order', 8, () => uuids('/g/', 5000, 20)],
];

describe('the way of a scan', () => {
  for (const [name, mostCounted, makeKeys] of SHAPES)
    it(`reads each key once, in order, and counts few: ${name}`, () => {
      const keys = makeKeys();
      for (const underWay of [1, 2]) {
        const { found, longest, requests, counted } = scan(keys, prefixRange(binary('/')), LIMIT, underWay);
        assert.deepEqual(found, keys);
        const cost = { requests: (requests * LIMIT) / keys.length, counted: counted / keys.length };
        assert.ok(cost.requests <= MAX_REQUESTS && cost.counted <= mostCounted, JSON.stringify(cost));
        assert.ok(longest <= LIMIT * 1.5, `a page of ${longest} keys`);
      }
    });

  it('reads keys of any bytes, in any range, by pages of any size', () => {
    const random = new Random(5);
    for (let round = 0; round < 100; round++) {
      const { keys, prefixes } = oddKeyspace(random);
      const prefix = random.pick(prefixes);
      const { found } = scan(keys, prefixRange(binary(prefix)), random.pick([1, 2, 7, 100]), 1 + random.below(3));
      const expected = keys.filter((key) => key.startsWith(prefix));
      assert.deepEqual(found, expected, `round ${round}`);
    }
  });

  it('gives pages in order, whenever they come, and holds few of them', async () => {
    const random = new Random(3);
    for (let round = 0; round < 20; round++) {
      const keys = random.below(2) === 0 ? types('/a/', 4, 15, 100) : kubernetes('/e/', 0.3, 20);
      const reader = new MemoryReader(keys);
      let held = 0;
      let mostHeld = 0;
      const source: PageSource<RangeKeys> = {
        // One byte per key.
        pageBytes: random.pick([20, 100, 700]),
        ask: async ({ range, limit }) => {
          mostHeld = Math.max(mostHeld, ++held);
          for (let turns = random.below(5); turns > 0; turns--) await new Promise(setImmediate);
          const [answer = { keys: [], count: 0 }] = reader.answer([{ ...range, limit }], undefined).results;
          return answer;
        },
        pageOf: ({ keys: page, count }) => {
          held--;
          const [first, last] = [page[0], page.at(-1)].map((key) => (key === undefined ? undefined : binary(key)));
          return { keys: page.length, count, first, last, bytes: page.length };
        },
      };
      const found: string[] = [];
      for await (const { keys: page } of scanPages(prefixRange(binary('/')), source)) found.push(...page);
      assert.deepEqual(found, keys, `round ${round}`);
      assert.ok(mostHeld <= 5, `${mostHeld} pages at a time`);
      assert.equal(held, 0);
    }
  });

  it('fails as the page that it waits for, and leaves nothing unhandled', async () => {
    const source: PageSource<string> = {
      pageBytes: 1,
      ask: () => Promise.reject(new Error('lost')),
      pageOf: () => ({ keys: 0, count: 0, bytes: 0 }),
    };
    await assert.rejects(async () => {
      for await (const page of scanPages(prefixRange(binary('/')), source)) void page;
    }, /lost/);
  });

  it('is at its end at once where there is nothing', () => {
    assert.equal(scan([], prefixRange(binary('/')), LIMIT, 2).requests, 1);
    assert.equal(scan(['/a', '/b'], prefixRange(binary('/')), LIMIT, 2).requests, 1);
  });
});
