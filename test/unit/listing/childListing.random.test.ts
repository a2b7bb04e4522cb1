import assert from 'node:assert/strict';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import {
  FolderHints,
  listChildren,
  type ChildListingOptions,
  type Pace,
  type RangeReader,
} from '../../../src/etcd/listing/childListing.ts';
import { Hierarchy } from '../../../src/etcd/keys/hierarchy.ts';
import { prefixRange, rangeContains } from '../../../src/etcd/keys/ranges.ts';
import type { ChildListing, KeyRange, PageBeginning } from '../../../src/etcd/keyStore.ts';
import { expectedChildren, plain, type PlainChild } from './expectedChildren.ts';
import { binary, MemoryReader, sortedKeys } from './memoryReader.ts';
import { oddKeyspace, type OddKeyspace } from './oddKeyspace.ts';
import { Random } from './random.ts';

const RUNS = 300;

function oddPace(random: Random): Pace {
  const settings = {
    parallel: 1 + random.below(8),
    smallGap: random.pick([1, 2, 32, 256]),
    keysPerPart: random.pick([1, 20, 1000]),
    keysToReadAlone: random.pick([1, 100, Infinity]),
    firstLimit: random.pick([1, 2, 3, 31, 32, 300]),
  };
  return { settings, start: () => () => undefined };
}

/** Returns hints about the folder that are correct, outdated, or missing. */
function oddHints(random: Random, { keys, separators }: OddKeyspace, prefix: string): FolderHints {
  const hints = new FolderHints();
  const below = keys.filter((key) => key.startsWith(prefix));
  const firstKey = random.pick([below[0], below[random.below(below.length)], `${prefix}gone/key`]) ?? `${prefix}a/b`;
  if (random.below(3) > 0) hints.note(prefix, { keys: 5000 + random.below(1_000_000), firstKey });
  const names = expectedChildren(keys, prefix, separators).flatMap(({ kind, path }) =>
    kind === 'folder' && random.below(4) > 0 ? [path.slice(prefix.length)] : [],
  );
  const [separator = '/'] = separators;
  const gone = [`${random.pick(['a', 'm', 'z'])}${random.below(99)}${separator}`];
  if (random.below(2) > 0) hints.noteNames(prefix, '', sortedKeys([...names, ...gone]));
  return hints;
}

/**
 * Takes all pages, each of a random size, and calls again after a failure. Children reported early must be a page's
 * beginning.
 */
async function takeAll(listing: ChildListing, random: Random, signal?: () => AbortSignal): Promise<PlainChild[]> {
  const children: PlainChild[] = [];
  for (;;) {
    const size = random.pick([1, 2, 7, 100, 1000, Infinity]);
    const told: PageBeginning[] = [];
    try {
      const page = await listing.next(size, signal?.(), (beginning) => told.push(beginning));
      assertGrowing([...told, page]);
      assert.ok(page.children.length <= size);
      assert.ok(page.done || page.children.length === size || page.children.length === 0 || size === Infinity);
      assert.equal(page.revision, MemoryReader.revision);
      children.push(...page.children.map(plain));
      if (page.done) return children;
      assert.notEqual(size, Infinity);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
  }
}

function assertGrowing(beginnings: readonly PageBeginning[]): void {
  for (const [at, { children, revision }] of beginnings.entries()) {
    assert.equal(revision, MemoryReader.revision);
    const before = beginnings[at - 1]?.children ?? [];
    assert.ok(children.length > before.length || at === beginnings.length - 1);
    assert.ok(before.every((child, index) => child === children[index]));
  }
}

/**
 * Checks that the names are exact; a count may be missing if a page ended before it was known, but must not be wrong.
 */
function assertSame(actual: readonly PlainChild[], expected: readonly PlainChild[], mayLackCounts: boolean): void {
  const known = expected.map((child, at) => ({
    ...child,
    keyCount: mayLackCounts ? actual[at]?.keyCount && child.keyCount : child.keyCount,
  }));
  assert.deepEqual(actual, known);
}

function forEachKeyspace(
  name: string,
  firstSeed: number,
  test: (keyspace: OddKeyspace, prefix: string, random: Random, options: ChildListingOptions) => Promise<void>,
): void {
  it(name, async function () {
    this.timeout('5m');
    for (let seed = firstSeed; seed < firstSeed + RUNS; seed++) {
      const random = new Random(seed);
      const keyspace = oddKeyspace(random);
      const prefix = random.pick(keyspace.prefixes);
      const options = {
        hierarchy: new Hierarchy(keyspace.separators.map(binary)),
        pace: oddPace(random),
        hints: oddHints(random, keyspace, prefix),
      };
      await test(keyspace, prefix, random, options).catch((cause: unknown) => {
        throw new Error(`seed ${seed}, folder ${JSON.stringify(prefix)}`, { cause });
      });
    }
  });
}

function assertInside(asked: readonly KeyRange[], bounds: KeyRange): void {
  const noEnd = (end: Uint8Array): boolean => end.length === 1 && end[0] === 0;
  for (const { start, end } of asked) {
    assert.ok(rangeContains(bounds, start), `start ${toBinaryKey(start)}`);
    assert.ok(noEnd(bounds.end) || (!noEnd(end) && Buffer.compare(end, bounds.end) <= 0), `end ${toBinaryKey(end)}`);
  }
}

describe('listChildren on random keyspaces', () => {
  forEachKeyspace('finds every child with its count', 10_000, async ({ keys, separators }, prefix, _, options) => {
    const reader = new MemoryReader(keys);
    const page = await listChildren(reader.read, binary(prefix), options).next(Infinity);
    assert.ok(page.done);
    assert.deepEqual(page.children.map(plain), expectedChildren(keys, prefix, separators));
    assert.equal(reader.requests, reader.pinnedRequests + 1);
    assertInside(reader.asked, prefixRange(binary(prefix)));
  });

  forEachKeyspace('finds the same page by page', 20_000, async ({ keys, separators }, prefix, random, options) => {
    const reader = new MemoryReader(keys);
    const children = await takeAll(listChildren(reader.read, binary(prefix), options), random);
    assertSame(children, expectedChildren(keys, prefix, separators), true);
    assert.equal(reader.requests, reader.pinnedRequests + 1);
  });

  forEachKeyspace('finds those of a name prefix', 30_000, async ({ keys, separators }, prefix, random, options) => {
    const names = expectedChildren(keys, prefix, separators).map(({ name }) => name);
    const [separator = '/'] = separators;
    const whole = names[random.below(names.length)] ?? 'a';
    const namePrefix = whole.slice(0, random.below(3)) + random.pick(['', '', separator.slice(0, 1), separator]);
    const reader = new MemoryReader(keys);
    const listing = listChildren(reader.read, binary(prefix), { ...options, namePrefix: binary(namePrefix) });
    const page = await listing.next(Infinity);
    assert.deepEqual(page.children.map(plain), expectedChildren(keys, prefix, separators, namePrefix));
    assertInside(reader.asked, prefixRange(binary(prefix + namePrefix)));
  });

  forEachKeyspace('finds those from a path on', 60_000, async ({ keys, separators }, prefix, random, options) => {
    const all = expectedChildren(keys, prefix, separators);
    const some = all[random.below(all.length)]?.path ?? `${prefix}a`;
    const from = random.pick([some, some.slice(0, -1), `${some}\0`, `${some.slice(0, -1)}\xff`]);
    if (!from.startsWith(prefix)) return;
    const reader = new MemoryReader(keys);
    const listing = listChildren(reader.read, binary(prefix), { ...options, from: binary(from) });
    const children = await takeAll(listing, random);
    const rest = keys.filter((key) => key >= from);
    const expected = expectedChildren(rest, prefix, separators);
    // A folder that begins before is cut off, so not all of its keys are counted.
    const counted = expected.map((child) => ({ ...child, keyCount: child.path < from ? undefined : child.keyCount }));
    assertSame(children, counted, true);
    for (const { start } of reader.asked) assert.ok(toBinaryKey(start) >= from);
  });

  forEachKeyspace(
    'finds what the readable ranges have',
    40_000,
    async ({ keys, separators }, prefix, random, options) => {
      const bound = (): Uint8Array => binary(keys[random.below(keys.length)]?.slice(0, 1 + random.below(12)) ?? 'a');
      const ranges = Array.from({ length: random.below(6) }, () => ({
        start: bound(),
        end: random.below(6) === 0 ? binary('\0') : bound(),
      }));
      const readable = keys.filter((key) => ranges.some((range) => rangeContains(range, binary(key))));
      const reader = new MemoryReader(keys);
      const listing = listChildren(reader.read, binary(prefix), { ...options, ranges });
      const children: PlainChild[] = [];
      for (let done = false; !done;) {
        const page = await listing.next(random.pick([1, 3, Infinity]));
        children.push(...page.children.map(plain));
        done = page.done;
      }
      const readableChildren = expectedChildren(readable, prefix, separators);
      const all = expectedChildren(keys, prefix, separators);
      assert.deepEqual(
        children.map(({ kind, name }) => ({ kind, name })),
        readableChildren.map(({ kind, name }) => ({ kind, name })),
      );
      for (const [at, { keyCount }] of children.entries()) {
        const { keyCount: whole } = all.find(({ path }) => path === readableChildren[at]?.path) ?? {};
        if (keyCount !== undefined) assert.equal(keyCount, whole);
      }
      const allowed = new MemoryReader(readable);
      for (const range of [...reader.asked]) {
        assert.deepEqual(reader.answer([range], undefined), allowed.answer([range], undefined));
      }
    },
  );

  forEachKeyspace(
    'survives failures, aborts and late answers',
    50_000,
    async ({ keys, separators }, prefix, random, options) => {
      const reader = new MemoryReader(keys);
      let current = new AbortController();
      const unreliable: RangeReader = async (ranges, { revision }) => {
        const fate = random.below(6);
        if (fate === 0) throw new Error('lost on the way there');
        const answer = reader.answer(ranges, revision);
        for (let wait = random.below(5); wait > 0; wait--) await new Promise(setImmediate);
        if (fate === 1) throw new Error('lost on the way back');
        if (fate === 2) current.abort();
        return answer;
      };
      const listing = listChildren(unreliable, binary(prefix), options);
      const children = await takeAll(listing, random, () => (current = new AbortController()).signal);
      assertSame(children, expectedChildren(keys, prefix, separators), true);
    },
  );
});
