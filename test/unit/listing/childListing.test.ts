import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { listChildren, type RangeResults, type RangeReader } from '../../../src/etcd/listing/childListing.ts';
import type { PageBeginning } from '../../../src/etcd/keyStore.ts';
import { singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { expectedChildren, plain } from './expectedChildren.ts';
import { Hierarchy } from '../../../src/etcd/keys/hierarchy.ts';
import { binary, MemoryReader, sortedKeys } from './memoryReader.ts';
import { farPace, nearPace } from './paces.ts';
import { folders, leaves } from './shapes.ts';

async function listAll(keys: readonly string[], folder: string): Promise<string[]> {
  const { read } = new MemoryReader(sortedKeys(keys));
  const { children } = await listChildren(read, binary(folder), { pace: nearPace }).next(Infinity);
  return children.map(plain).map(({ kind, name, path, keyCount }) => `${kind} ${name} ${path} ${keyCount ?? ''}`);
}

describe('listChildren', () => {
  it('lists a key and a folder of the same name apart, others between them', async () => {
    assert.deepEqual(await listAll(['/foo', '/foo-bar/x', '/foo.x', '/foo/y', '/foo/z'], '/'), [
      'key foo /foo ',
      'folder foo-bar /foo-bar/ 1',
      'key foo.x /foo.x ',
      'folder foo /foo/ 2',
    ]);
  });

  it('gives the key that is the folder itself an empty name, and counts it once', async () => {
    assert.deepEqual(await listAll(['/a/', '/a/b'], '/a/'), ['key  /a/ ', 'key b /a/b ']);
    assert.deepEqual(await listAll(['/a/', '/a/b'], '/'), ['folder a /a/ 2']);
  });

  it('lists empty segments as folders without a name', async () => {
    assert.deepEqual(await listAll(['a//b', 'a//c', 'a/d'], 'a/'), ['folder  a// 2', 'key d a/d ']);
    assert.deepEqual(await listAll(['a//b'], 'a//'), ['key b a//b ']);
  });

  it('lists keys with and without a first separator side by side in the root', async () => {
    assert.deepEqual(await listAll(['/a', '/b/c', 'foo', 'foo/x', '\xff\xff/x'], ''), [
      'folder  / 2',
      'key foo foo ',
      'folder foo foo/ 1',
      'folder \xff\xff \xff\xff/ 1',
    ]);
  });

  it('finds nothing in an empty folder, at a revision', async () => {
    const page = await listChildren(new MemoryReader(['/b']).read, binary('/a/')).next(10);
    assert.deepEqual(page, { children: [], done: true, revision: MemoryReader.revision });
  });

  it('tells the first children while the answers that bring the others are held', async () => {
    const keys = folders('/b/', 200, 60);
    const reader = new MemoryReader(keys);
    const answers: (() => void)[] = [];
    const read: RangeReader = async (ranges, options) => {
      if (options.revision !== undefined) await new Promise<void>((resolve) => answers.push(resolve));
      return await reader.read(ranges, options);
    };
    const told: PageBeginning[] = [];
    const first = Promise.withResolvers<void>();
    const page = listChildren(read, binary('/b/'), { pace: nearPace }).next(500, undefined, (beginning) => {
      told.push(beginning);
      first.resolve();
    });
    await first.promise;
    assert.equal(reader.requests, 1);
    const expected = expectedChildren(keys, '/b/', ['/']);
    const beginning = told[0]?.children.map(plain) ?? [];
    assert.ok(beginning.length > 0 && beginning.length < 100, `${beginning.length} children`);
    assert.deepEqual(beginning, expected.slice(0, beginning.length));
    let isHeld = true;
    const letThrough = async () => {
      while (isHeld) {
        answers.shift()?.();
        await new Promise(setImmediate);
      }
    };
    const letting = letThrough();
    const { children, done } = await page;
    isHeld = false;
    await letting;
    assert.ok(done && told.length > 1);
    assert.deepEqual(children.map(plain), expected);
  });

  for (const size of [3, 500, Infinity]) {
    it(`asks the same for ${size} children whether or not somebody is told of the first ones`, async () => {
      const keys = folders('/b/', 200, 200);
      const [alone, telling] = [new MemoryReader(keys), new MemoryReader(keys)];
      await listChildren(alone.read, binary('/b/'), { pace: nearPace }).next(size);
      let isTold = false;
      const tell = () => (isTold = true);
      await listChildren(telling.read, binary('/b/'), { pace: nearPace }).next(size, undefined, tell);
      assert.ok(isTold);
      assert.deepEqual(telling.asked, alone.asked);
      assert.equal(telling.requests, alone.requests);
    });
  }

  it('tells what is left of the page before at once', async () => {
    const reader = new MemoryReader(leaves('/d/', 20_000));
    const listing = listChildren(reader.read, binary('/d/'), { pace: nearPace });
    await listing.next(100);
    const requests = reader.requests;
    let requestsWhenTold: number | undefined;
    const page = await listing.next(5000, undefined, () => (requestsWhenTold ??= reader.requests - reader.underWay));
    assert.equal(page.children.length, 5000);
    assert.equal(requestsWhenTold, requests);
  });

  it('tells about how many children are left, also of those that were found beyond the page', async () => {
    for (const pace of [nearPace, farPace]) {
      const { read } = new MemoryReader(folders('/d/', 1000, 100));
      const { left } = await listChildren(read, binary('/d/'), { pace }).next(500);
      assert.ok(left !== undefined && left >= 495 && left <= 505, `${left} left`);
    }
  });

  it('is in pages of a limited size, however many are asked for', async () => {
    for (const [pace, size] of [
      [nearPace, Infinity],
      [nearPace, 50_000],
      [farPace, Infinity],
    ] as const) {
      const keys = leaves('/d/', 60_000);
      const reader = new MemoryReader(keys);
      const listing = listChildren(reader.read, binary('/d/'), { pace });
      const first = await listing.next(size);
      assert.equal(first.children.length, 20_000);
      assert.ok(!first.done);
      assert.ok(reader.returnedKeys <= 25_000, `${reader.returnedKeys} keys for the first page`);
      const paths = first.children.map(({ path }) => Buffer.from(path).toString());
      for (let isDone = false; !isDone;) {
        const page = await listing.next(size);
        paths.push(...page.children.map(({ path }) => Buffer.from(path).toString()));
        isDone = page.done;
      }
      assert.deepEqual(paths, keys);
      assert.ok(reader.returnedKeys <= 1.2 * keys.length, `${reader.returnedKeys} keys for all pages`);
    }
  });

  it('asks nothing before the first call', async () => {
    const reader = new MemoryReader(['/a']);
    listChildren(reader.read, binary('/'));
    await new Promise(setImmediate);
    assert.equal(reader.requests, 0);
  });

  it('asks nothing where nothing may be read', async () => {
    const reader = new MemoryReader(['/a']);
    const ranges = [{ start: binary('b'), end: binary('c') }];
    const page = await listChildren(reader.read, binary('/'), { ranges }).next(10);
    assert.deepEqual(page, { children: [], done: true, revision: 0n });
    assert.equal(reader.requests, 0);
  });

  it('asks for many readable ranges in several requests at one revision, and gives a folder in many of them once', async () => {
    const keys = [...folders('/b/', 3, 100), '/c', '/d'];
    const reader = new MemoryReader(keys);
    const ranges = keys.slice(0, -1).map((key) => singleKeyRange(binary(key)));
    const listing = listChildren(reader.read, binary('/'), { ranges, pace: nearPace });
    const pages = [await listing.next(1), await listing.next(1), await listing.next(1)];
    assert.deepEqual(
      pages.map(({ children, done }) => [children.map(plain), done]),
      [
        [[{ kind: 'folder', name: 'b', path: '/b/', keyCount: undefined }], false],
        [[{ kind: 'key', name: 'c', path: '/c', keyCount: undefined }], true],
        [[], true],
      ],
    );
    assert.ok(reader.requests > 1);
    assert.equal(reader.pinnedRequests, reader.requests - 1);
  });

  it('lists what begins with any prefix, by the separators that it is told', async () => {
    const keys = ['app', 'app/a', 'app/b:c', 'app:d/e', 'apple', 'b'];
    const listAs = async (prefix: string, ...separators: string[]) => {
      const hierarchy = new Hierarchy(separators.map(binary));
      const { children } = await listChildren(new MemoryReader(keys).read, binary(prefix), { hierarchy }).next(10);
      return children.map(({ kind, path }) => `${kind} ${Buffer.from(path).toString()}`);
    };
    assert.deepEqual(await listAs('', '/', ':'), ['key app', 'folder app/', 'folder app:', 'key apple', 'key b']);
    assert.deepEqual(await listAs('app/', '/', ':'), ['key app/a', 'folder app/b:']);
    assert.deepEqual(await listAs('app', ':'), ['key app', 'key app/a', 'folder app/b:', 'folder app:', 'key apple']);
    assert.deepEqual(
      await listAs('app'),
      keys.slice(0, -1).map((key) => `key ${key}`),
    );
  });

  it('gives the next page from what it has read already', async () => {
    const reader = new MemoryReader(leaves('/d/', 300));
    const listing = listChildren(reader.read, binary('/d/'), { pace: nearPace });
    const pages = [await listing.next(100), await listing.next(100), await listing.next(100)];
    assert.deepEqual(
      pages.flatMap(({ children }) => children.map(plain)),
      expectedChildren(leaves('/d/', 300), '/d/'),
    );
    assert.deepEqual(
      pages.map(({ done }) => done),
      [false, false, true],
    );
    assert.equal(reader.requests, 1);
    assert.deepEqual(await listing.next(100), { children: [], done: true, revision: MemoryReader.revision });
  });

  it('runs calls one after another', async () => {
    const keys = folders('/b/', 100, 50);
    const listing = listChildren(new MemoryReader(keys).read, binary('/b/'), { pace: nearPace });
    const pages = await Promise.all([listing.next(30), listing.next(30), listing.next(Infinity)]);
    assert.deepEqual(
      pages.flatMap(({ children }) => children.map(({ path }) => Buffer.from(path).toString())),
      expectedChildren(keys, '/b/').map(({ path }) => path),
    );
  });
});

describe('listChildren, when a request goes wrong,', () => {
  const keys = folders('/b/', 200, 100);
  const expected = expectedChildren(keys, '/b/');

  it('passes the failure on and keeps what it found', async () => {
    const reader = new MemoryReader(keys);
    const failure = new EtcdError('compacted', 'Gone.');
    let failing = false;
    const read: RangeReader = (...request) => (failing ? Promise.reject(failure) : reader.read(...request));
    const listing = listChildren(read, binary('/b/'), { pace: nearPace });
    const first = await listing.next(50);
    failing = true;
    await assert.rejects(listing.next(Infinity), (error) => error === failure);
    failing = false;
    const rest = await listing.next(Infinity);
    assert.deepEqual(
      [...first.children, ...rest.children].map(({ path }) => Buffer.from(path).toString()),
      expected.map(({ path }) => path),
    );
  });

  it('aborts the others under way', async () => {
    const reader = new MemoryReader(keys);
    const signals: AbortSignal[] = [];
    const read: RangeReader = async (ranges, options) => {
      signals.push(options.signal);
      const answer = await reader.read(ranges, options);
      if (signals.length === 4) throw new Error('lost');
      return answer;
    };
    await assert.rejects(listChildren(read, binary('/b/'), { pace: nearPace }).next(Infinity), /lost/);
    assert.ok(signals.every(({ aborted }) => aborted));
  });

  it('ends a call that is aborted, and takes no late answer', async () => {
    const reader = new MemoryReader(keys);
    const late: (() => void)[] = [];
    const controller = new AbortController();
    let holding = false;
    const read: RangeReader = async (ranges, options) => {
      if (!holding) return reader.read(ranges, options);
      const aborted = new Promise<never>((_, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
      });
      const answer = new Promise<RangeResults>((resolve) => {
        late.push(() => resolve(reader.answer(ranges, options.revision)));
      });
      queueMicrotask(() => controller.abort());
      return await Promise.race([answer, aborted]);
    };
    const listing = listChildren(read, binary('/b/'), { pace: nearPace });
    const first = await listing.next(10);
    holding = true;
    await assert.rejects(listing.next(Infinity, controller.signal), (error) => EtcdError.is(error, 'cancelled'));
    holding = false;
    assert.ok(late.length > 0);
    for (const answer of late) answer();
    await new Promise(setImmediate);
    const rest = await listing.next(Infinity);
    assert.deepEqual(
      [...first.children, ...rest.children].map(({ path }) => Buffer.from(path).toString()),
      expected.map(({ path }) => path),
    );
  });

  it('sends nothing for a signal that was aborted before', async () => {
    const reader = new MemoryReader(keys);
    const call = listChildren(reader.read, binary('/b/')).next(1, AbortSignal.abort());
    await assert.rejects(call, (error) => EtcdError.is(error, 'cancelled'));
    assert.equal(reader.requests, 0);
  });

  const nonsense: Record<string, RangeResults['results']> = {
    'no result': [],
    'a key before the range': [{ keys: ['/a'], count: 1 }],
    'a key behind the range': [{ keys: ['/b0'], count: 1 }],
    'keys out of order': [{ keys: ['/b/2', '/b/1'], count: 2 }],
    'a key twice': [{ keys: ['/b/1', '/b/1'], count: 2 }],
    'more keys than it counted': [{ keys: ['/b/1', '/b/2'], count: 1 }],
    'fewer keys than it could': [{ keys: [], count: 5 }],
  };
  for (const [what, results] of Object.entries(nonsense)) {
    it(`refuses an answer with ${what}`, async () => {
      const listing = listChildren(async () => ({ revision: 1n, results }), binary('/b/'));
      await assert.rejects(listing.next(1), (error) => EtcdError.is(error, 'unexpected'));
    });
  }
});
