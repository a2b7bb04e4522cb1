import assert from 'node:assert/strict';
import { FolderHints, listChildren, type Pace } from '../../../src/etcd/listing/childListing.ts';
import { idealRequests, modelTime } from './idealListing.ts';
import { binary, MemoryReader } from './memoryReader.ts';
import { farPace, nearPace } from './paces.ts';
import { countingRoundTrips } from './roundTrips.ts';
import { chain, folders, longNames, mixed, oneGiant, uuids, zipf } from './shapes.ts';

const PAGE = 500;

interface Bounds {
  /** Time of the whole listing and of the first page, as multiples of the floor by the cost model. */
  readonly whole: number;
  readonly page: number;
  /** The same for a folder that was listed before; equal to `whole` if that makes no difference. */
  readonly again: number;
  /** Round trips of the whole listing with a distant member. */
  readonly trips: number;
}

interface Shape {
  readonly name: string;
  readonly keys: readonly string[];
  readonly folder: string;
  readonly bounds: Bounds;
}

/** Shapes that the listing was not made for. */
const SHAPES: readonly Shape[] = [
  {
    name: '1000 folders of very unequal sizes',
    keys: zipf('/z/', 1000, 30_000),
    folder: '/z/',
    bounds: { whole: 5, page: 6, again: 1.6, trips: 11 },
  },
  {
    name: 'a giant among 3000 folders of 10 keys',
    keys: oneGiant('/f/', 3000, 200_000),
    folder: '/f/',
    bounds: { whole: 1.2, page: 2.3, again: 1.2, trips: 4 },
  },
  {
    name: 'a chain of folders',
    keys: chain('/k/', 300, 50_000),
    folder: '/k/',
    bounds: { whole: 1.6, page: 1.6, again: 1.6, trips: 2 },
  },
  {
    name: 'its innermost folder but one',
    keys: chain('/k/', 30, 50_000),
    folder: `/k/${'down/'.repeat(29)}`,
    bounds: { whole: 1.6, page: 1.6, again: 1.6, trips: 2 },
  },
  {
    name: '1000 long names that end at random',
    keys: longNames('/l/', 1000, 100),
    folder: '/l/',
    bounds: { whole: 3.4, page: 5.4, again: 1.7, trips: 11 },
  },
  {
    name: 'a large folder after every 50 keys',
    keys: mixed('/m/', 5000, 50, 1000),
    folder: '/m/',
    bounds: { whole: 4.1, page: 9, again: 4.1, trips: 6 },
  },
  {
    name: '3 folders of 60,000 keys',
    keys: folders('/t/', 3, 60_000),
    folder: '/t/',
    bounds: { whole: 1.6, page: 1.6, again: 1.1, trips: 2 },
  },
  {
    name: '300 random names with 1000 keys each',
    keys: uuids('/u/', 300, 1000),
    folder: '/u/',
    bounds: { whole: 3, page: 3, again: 1.3, trips: 7 },
  },
];

/** Returns hints as the tree has them: the level above has reported the folder's size. */
function hintsOf({ keys, folder }: Shape): FolderHints {
  const below = keys.filter((key) => key.startsWith(folder));
  const hints = new FolderHints();
  hints.note(folder, { keys: below.length, firstKey: below[0] ?? '' });
  return hints;
}

async function list({ keys, folder }: Shape, pace: Pace, hints: FolderHints, size = Infinity) {
  const reader = new MemoryReader(keys);
  const trips = countingRoundTrips(reader.read);
  let tripsWhenTold: number | undefined;
  const listing = listChildren(trips.read, binary(folder), { pace, hints });
  const { children } = await listing.next(size, undefined, () => (tripsWhenTold ??= trips.last));
  return { children, reader, trips: trips.most, tripsWhenTold: tripsWhenTold ?? trips.most };
}

async function floor({ keys, folder }: Shape, size = Infinity): Promise<number> {
  const reader = new MemoryReader(keys);
  const { signal } = new AbortController();
  const below = keys.filter((key) => key.startsWith(folder));
  for (const ranges of idealRequests(below, folder, size)) await reader.read(ranges, { signal });
  return modelTime(reader);
}

function assertAtMost(actual: number, bound: number, what: string): void {
  assert.ok(actual <= bound, `${actual} ${what}, not ${bound}`);
}

for (const shape of SHAPES) {
  const { bounds } = shape;
  describe(`listChildren of ${shape.name}`, () => {
    it('is near the floor where the member is near', async () => {
      const whole = await list(shape, nearPace, hintsOf(shape));
      assertAtMost(modelTime(whole.reader) / (await floor(shape)), bounds.whole, 'times the floor for all');
      const page = await list(shape, nearPace, hintsOf(shape), PAGE);
      assertAtMost(modelTime(page.reader) / (await floor(shape, PAGE)), bounds.page, 'times the floor for a page');
    });

    it('is nearer to it where it was listed before', async () => {
      const hints = hintsOf(shape);
      const { children } = await list(shape, nearPace, hints);
      const again = await list(shape, nearPace, hints);
      assert.deepEqual(again.children, children);
      assertAtMost(modelTime(again.reader) / (await floor(shape)), bounds.again, 'times the floor');
    });

    it('makes few round trips where the member is far', async () => {
      const { trips } = await list(shape, farPace, hintsOf(shape));
      assertAtMost(trips, bounds.trips, 'round trips');
    });

    it('has the first children after two round trips', async () => {
      for (const pace of [nearPace, farPace])
        for (const hints of [hintsOf(shape), new FolderHints()]) {
          const { tripsWhenTold } = await list(shape, pace, hints, PAGE);
          assertAtMost(tripsWhenTold, 2, 'round trips to the first children');
        }
    });
  });
}

describe('listChildren of a folder beside one with the same children', () => {
  const names = Array.from({ length: 300 }, (_, at) => `name-${(at * 7919) % 1000}`).toSorted();
  const keysOf = (type: string, all: readonly string[]): string[] =>
    all.flatMap((name) => Array.from({ length: 50 }, (_, key) => `/r/${type}/${name}/key-${1000 + key}`));

  async function listBoth(second: readonly string[]) {
    const keys = [...keysOf('one', names), ...keysOf('two', second)].toSorted((a, b) => (a < b ? -1 : 1));
    const hints = new FolderHints();
    const reader = new MemoryReader(keys);
    await listChildren(reader.read, binary('/r/'), { pace: nearPace, hints }).next(Infinity);
    await listChildren(reader.read, binary('/r/one/'), { pace: nearPace, hints }).next(Infinity);
    const shape: Shape = { name: '', keys, folder: '/r/two/', bounds: { whole: 0, page: 0, again: 0, trips: 0 } };
    return { alone: await list(shape, nearPace, hintsOf(shape)), beside: await list(shape, nearPace, hints), keys };
  }

  it('counts every key once', async () => {
    const { alone, beside } = await listBoth(names);
    assert.deepEqual(beside.children, alone.children);
    assert.equal(beside.reader.countedKeys, names.length * 50);
    assertAtMost(beside.reader.requests, 5, 'requests');
  });

  it('finds children that only one of them has', async () => {
    const { alone, beside } = await listBoth(
      [...names, 'another', 'name-12-x', 'zzz'].toSorted().filter((_, at) => at % 9 !== 4),
    );
    assert.deepEqual(beside.children, alone.children);
    assertAtMost(beside.reader.countedKeys, alone.reader.countedKeys, 'keys counted');
  });

  it('gives up guessing where few of them are there', async () => {
    const [first = ''] = names;
    const others = Array.from({ length: 300 }, (_, at) => `other-${(at * 7919) % 1000}`);
    const { alone, beside } = await listBoth([first, ...others].toSorted());
    assert.deepEqual(beside.children, alone.children);
    assertAtMost(modelTime(beside.reader), 1.4 * modelTime(alone.reader), 'ms by the cost model');
  });
});
