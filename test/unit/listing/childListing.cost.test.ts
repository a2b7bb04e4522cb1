import assert from 'node:assert/strict';
import { FolderHints, listChildren, type Pace } from '../../../src/etcd/listing/childListing.ts';
import { binary, MemoryReader } from './memoryReader.ts';
import { farPace, nearPace } from './paces.ts';
import { folders, kubernetes, leaves, oneGiant, types, uuids } from './shapes.ts';

interface Bounds {
  readonly requests: number;
  /** How often a key of the folder is counted on average. */
  readonly counted: number;
  /** Keys returned for each child. */
  readonly returned: number;
  /** Ranges requested for each child. */
  readonly ranges: number;
}

interface Shape {
  readonly name: string;
  readonly keys: readonly string[];
  readonly folder: string;
  readonly children: number;
  readonly pageRequests: number;
  readonly near: Bounds;
  readonly far: Bounds;
  /** Near, and with known size and first key. */
  readonly seen: Bounds;
}

const cluster = kubernetes('/registry/');
const SHAPES: readonly Shape[] = [
  {
    name: '20 folders with 1000 keys each, two levels down',
    keys: types('/registry/', 20, 10, 100),
    folder: '/registry/',
    children: 20,
    pageRequests: 5,
    near: { requests: 6, counted: 2.8, returned: 19, ranges: 6.3 },
    far: { requests: 5, counted: 2.7, returned: 58.5, ranges: 6.5 },
    seen: { requests: 3, counted: 1.6, returned: 13, ranges: 6.5 },
  },
  {
    name: '200 folders with 200 keys each',
    keys: folders('/b/', 200, 200),
    folder: '/b/',
    children: 200,
    pageRequests: 12,
    near: { requests: 12, counted: 4.1, returned: 4, ranges: 3.3 },
    far: { requests: 11, counted: 3.7, returned: 43.5, ranges: 2.6 },
    seen: { requests: 10, counted: 2.6, returned: 4, ranges: 3.2 },
  },
  {
    name: '4000 folders with 2 keys each',
    keys: folders('/c/', 4000, 2),
    folder: '/c/',
    children: 4000,
    pageRequests: 2,
    near: { requests: 4, counted: 2.7, returned: 2.5, ranges: 0.001 },
    far: { requests: 3, counted: 2.1, returned: 2.5, ranges: 0.001 },
    seen: { requests: 4, counted: 3, returned: 2.5, ranges: 0.034 },
  },
  {
    name: '20,000 keys',
    keys: leaves('/d/', 20_000),
    folder: '/d/',
    children: 20_000,
    pageRequests: 1,
    near: { requests: 4, counted: 3.1, returned: 1.5, ranges: 0.0005 },
    far: { requests: 4, counted: 2.4, returned: 1.5, ranges: 0.0005 },
    seen: { requests: 4, counted: 3.1, returned: 1.5, ranges: 0.0005 },
  },
  {
    name: 'the root of a Kubernetes registry',
    keys: cluster,
    folder: '/registry/',
    children: 19,
    pageRequests: 8,
    near: { requests: 8, counted: 2.4, returned: 20, ranges: 20.4 },
    far: { requests: 9, counted: 2.4, returned: 61, ranges: 27 },
    seen: { requests: 10, counted: 1.8, returned: 11.5, ranges: 38.8 },
  },
  {
    name: 'the pods of a Kubernetes registry',
    keys: cluster,
    folder: '/registry/pods/',
    children: 60,
    pageRequests: 11,
    near: { requests: 10, counted: 4.1, returned: 8, ranges: 5 },
    far: { requests: 8, counted: 3.7, returned: 60.5, ranges: 5 },
    seen: { requests: 13, counted: 2.8, returned: 6.5, ranges: 10 },
  },
  {
    name: 'a folder with nearly all keys among 200 small ones',
    keys: oneGiant('/f/', 200, 50_000),
    folder: '/f/',
    children: 201,
    pageRequests: 4,
    near: { requests: 4, counted: 2.2, returned: 10.5, ranges: 0.1 },
    far: { requests: 6, counted: 2.3, returned: 11, ranges: 1.6 },
    seen: { requests: 3, counted: 1.1, returned: 10.5, ranges: 0.7 },
  },
  {
    name: '1000 random names with 20 keys each',
    keys: uuids('/g/', 1000, 20),
    folder: '/g/',
    children: 1000,
    pageRequests: 3,
    near: { requests: 4, counted: 2.7, returned: 20, ranges: 0.005 },
    far: { requests: 4, counted: 2.3, returned: 20, ranges: 0.005 },
    seen: { requests: 6, counted: 2.2, returned: 20, ranges: 0.15 },
  },
];

async function bill({ keys, folder, children }: Shape, pace: Pace, hints = new FolderHints()): Promise<Bounds> {
  const reader = new MemoryReader(keys);
  const page = await listChildren(reader.read, binary(folder), { pace, hints }).next(Infinity);
  assert.equal(page.children.length, children);
  assert.ok(reader.mostUnderWay <= pace.settings.parallel);
  return {
    requests: reader.requests,
    counted: reader.countedKeys / keys.filter((key) => key.startsWith(folder)).length,
    returned: reader.returnedKeys / children,
    ranges: reader.asked.length / children,
  };
}

function assertWithin(actual: Bounds, bounds: Bounds): void {
  const isWithin =
    actual.requests <= bounds.requests &&
    actual.counted <= bounds.counted &&
    actual.returned <= bounds.returned &&
    actual.ranges <= bounds.ranges;
  assert.ok(isWithin, JSON.stringify({ actual, bounds }));
}

for (const shape of SHAPES) {
  describe(`listChildren of ${shape.name}`, () => {
    it('keeps to its bounds where the member is near', async () => {
      assertWithin(await bill(shape, nearPace), shape.near);
    });

    it('keeps to its bounds where the member is far', async () => {
      assertWithin(await bill(shape, farPace), shape.far);
    });

    it('keeps to its bounds where it was seen in the level above', async () => {
      const hints = new FolderHints();
      const firstKey = shape.keys.find((key) => key.startsWith(shape.folder)) ?? '';
      hints.note(shape.folder, { keys: shape.keys.length, firstKey });
      assertWithin(await bill(shape, nearPace, hints), shape.seen);
    });

    it('asks for no more than a page needs', async () => {
      const reader = new MemoryReader(shape.keys);
      await listChildren(reader.read, binary(shape.folder), { pace: nearPace }).next(300);
      assert.ok(reader.requests <= shape.pageRequests, `${reader.requests} requests`);
    });
  });
}

describe('listChildren of a folder of 300 keys', () => {
  for (const [what, keys] of Object.entries({
    'that are its children': leaves('/s/', 300),
    'in a few folders': folders('/s/', 3, 100),
    'in one folder': folders('/s/', 1, 300),
  })) {
    it(`${what} makes one request`, async () => {
      const reader = new MemoryReader([...keys, '/t']);
      const page = await listChildren(reader.read, binary('/s/'), { pace: nearPace }).next(300);
      assert.ok(page.done);
      assert.equal(reader.requests, 1);
    });
  }

  it('reads little more of a large one than its pages need', async () => {
    const reader = new MemoryReader(leaves('/d/', 20_000));
    const listing = listChildren(reader.read, binary('/d/'), { pace: nearPace });
    for (let pages = 0; pages < 4; pages++) await listing.next(500);
    assert.ok(reader.returnedKeys <= 3000, `${reader.returnedKeys} keys`);
    assert.ok(reader.requests <= 5, `${reader.requests} requests`);
  });

  it('asks nothing that lies behind the children wanted', async () => {
    const reader = new MemoryReader(folders('/b/', 1000, 100));
    await listChildren(reader.read, binary('/b/'), { pace: nearPace }).next(20);
    assert.ok(reader.requests <= 7, `${reader.requests} requests`);
    assert.ok(reader.asked.length <= 600, `${reader.asked.length} ranges`);
  });

  it('makes one request for one large folder that ends with it', async () => {
    const reader = new MemoryReader(folders('/s/', 1, 5000));
    const page = await listChildren(reader.read, binary('/s/dir-0000/'), { pace: nearPace }).next(300);
    assert.equal(page.children.length, 300);
    assert.equal(reader.requests, 1);
  });
});
