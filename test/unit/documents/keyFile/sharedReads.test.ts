import assert from 'node:assert/strict';
import { Snapshots, type Snapshot } from '../../../../src/documents/keyFile/sharedReads.ts';

const address = { connectionId: 'prod', key: new TextEncoder().encode('/a') };

describe('Snapshots', () => {
  let requests: number;
  let answerWith: () => Promise<Snapshot>;
  let snapshots: Snapshots;

  beforeEach(() => {
    requests = 0;
    answerWith = () => Promise.resolve(snapshotAt(requests));
    const get = async (): Promise<Snapshot> => {
      requests++;
      return await answerWith();
    };
    snapshots = new Snapshots(() => Promise.resolve({ get }));
  });

  afterEach(() => {
    snapshots.dispose();
  });

  // Each request returns the next revision, which identifies the request.
  const read = async (): Promise<number> => Number((await snapshots.forRead(address)).revision);
  const peek = async (): Promise<number> => Number((await snapshots.peek(address)).revision);
  const stat = async (): Promise<number> => Number((await snapshots.forStat(address)).revision);

  it('answers a read and the stat right behind it by one request', async () => {
    assert.deepEqual(await Promise.all([read(), stat()]), [1, 1]);
  });

  it('answers a stat by its read’s request, even when that is answered already', async () => {
    assert.equal(await read(), 1);
    assert.equal(await stat(), 1);
    assert.equal(await stat(), 2);
  });

  it('pairs two reads with two stats', async () => {
    assert.deepEqual(await Promise.all([read(), read(), stat()]), [1, 1, 1]);
    assert.equal(await stat(), 1);
    assert.equal(await stat(), 2);
  });

  it('answers a read by the stat’s request before it', async () => {
    assert.equal(await stat(), 1);
    assert.equal(await read(), 1);
  });

  it('answers every other read and every other stat anew', async () => {
    assert.deepEqual([await read(), await read(), await stat(), await stat()], [1, 2, 2, 3]);
    assert.deepEqual([await read(), await read()], [3, 4]);
  });

  it('lets a look at a key serve the opening that follows, and no other stat', async () => {
    assert.deepEqual([await peek(), await read(), await stat(), await stat()], [1, 1, 1, 2]);
    assert.deepEqual([await peek(), await stat()], [3, 4]);
  });

  it('keeps keys and connections apart', async () => {
    assert.equal(await read(), 1);
    const others = [
      { connectionId: 'prod', key: new TextEncoder().encode('/b') },
      { connectionId: 'test', key: address.key },
    ];
    for (const other of others) await snapshots.forRead(other);
    assert.equal(requests, 3);
  });

  it('gives a failure to all who wait for it and asks again for the next', async () => {
    answerWith = () => Promise.reject(new Error('unreachable'));
    const outcomes = await Promise.allSettled([read(), stat()]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    answerWith = () => Promise.resolve(snapshotAt(requests));
    assert.equal(await read(), 2);
  });

  it('shows what was written to the next stat, and to the one after what etcd has then', async () => {
    assert.equal(await stat(), 1);
    snapshots.keep(address, snapshotAt(100));
    assert.equal(await stat(), 100);
    assert.equal(await stat(), 2);
  });

  it('shows what was written to those who asked before, rather than what was before', async () => {
    const held = Promise.withResolvers<Snapshot>();
    answerWith = () => held.promise;
    const early = stat();
    snapshots.keep(address, snapshotAt(100));
    held.resolve(snapshotAt(7));
    assert.equal(await early, 100);
  });

  it('asks etcd again once it was told to forget', async () => {
    assert.equal(await stat(), 1);
    snapshots.forget(address);
    assert.equal(await stat(), 2);
  });

  it('shares no request that was under way when it was told to forget', async () => {
    const held = [Promise.withResolvers<Snapshot>(), Promise.withResolvers<Snapshot>()];
    answerWith = () => held[requests - 1]?.promise ?? Promise.reject(new Error('too many requests'));
    const before = read();
    snapshots.forget(address);
    const after = read();
    held.forEach(({ resolve }, index) => resolve(snapshotAt(index + 1)));
    assert.equal(await after, 2);
    await before;
    assert.equal(requests, 2);
  });

  it('still pairs a stat with its read when told to forget in between', async () => {
    assert.equal(await read(), 1);
    snapshots.forget(address);
    assert.equal(await stat(), 1);
    assert.equal(await stat(), 2);
  });
});

function snapshotAt(revision: number): Snapshot {
  return { revision: BigInt(revision), kv: { modRevision: BigInt(revision), value: Uint8Array.of() } };
}
