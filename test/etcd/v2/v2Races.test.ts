import assert from 'node:assert/strict';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { passOn, startStandIn, type StandIn } from '../standIn.ts';
import { outsideV2, type OutsideV2 } from './outsideV2.ts';

/** v2 has no transactions: someone else may write between a write's read and the write itself. */
describe('v2 writes that somebody else gets ahead of', () => {
  let server: EtcdServer;
  let standIn: StandIn;
  let outside: OutsideV2;
  let store: KeyStore;
  let close: () => void;
  /** What someone else does before the next write arrives. */
  let ahead: (() => Promise<unknown>) | undefined;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2=true'] });
    outside = outsideV2(server.endpoint);
    standIn = await startStandIn(async (received, response) => {
      if (ahead && received.method !== 'GET') {
        const act = ahead;
        ahead = undefined;
        await act();
      }
      await passOn(server.endpoint, received, response);
    });
    ({ store, close } = await connectV2(settingsFor(standIn.endpoint)));
  });
  afterEach(() => {
    ahead = undefined;
  });
  after(async () => {
    close?.();
    await standIn?.close();
    await server?.stop();
  });

  async function read(key: string) {
    const { kv } = await store.get(bytes(key));
    assert.ok(kv);
    return kv;
  }

  const writes: Record<string, (key: string) => Promise<{ readonly outcome: string }>> = {
    'a save': async (key) => await store.put(bytes(key), bytes('mine'), await read(key)),
    'the put of a transaction': async (key) =>
      await store.transact([{ kind: 'put', key: bytes(key), value: bytes('mine'), expected: await read(key) }]),
    'the delete of a transaction': async (key) =>
      await store.transact([{ kind: 'delete', key: bytes(key), expected: await read(key) }]),
  };
  for (const [index, [what, write]] of Object.entries(writes).entries()) {
    it(`are a conflict: ${what} over a key that was changed`, async () => {
      const key = `/raced/${index}`;
      await outside.put(key, { value: 'one' });
      ahead = () => outside.put(key, { value: 'theirs' });
      assert.equal((await write(key)).outcome, 'conflict');
      assert.equal(text((await read(key)).value), 'theirs');
    });

    it(`are a conflict: ${what} over a key that was deleted and created anew`, async () => {
      const key = `/recreated/${index}`;
      await outside.put(key, { value: 'one' });
      ahead = async () => {
        await outside.delete(key);
        await outside.put(key, { value: 'one' });
      };
      assert.equal((await write(key)).outcome, 'conflict');
      assert.equal(text((await read(key)).value), 'one');
    });

    it(`bring back no key that was deleted: ${what}`, async () => {
      const key = `/deleted/${index}`;
      await outside.put(key, { value: 'one' });
      ahead = () => outside.delete(key);
      const { outcome } = await write(key);
      // A key that no longer exists is as a delete wants it.
      assert.equal(outcome, what.startsWith('the delete') ? 'done' : 'conflict');
      assert.equal(await outside.status(key), 404);
    });
  }

  it('are a conflict: a new key that somebody else created', async () => {
    ahead = () => outside.put('/created', { value: 'theirs' });
    assert.equal((await store.put(bytes('/created'), bytes('mine'), 'absent')).outcome, 'conflict');
    assert.equal(text((await read('/created')).value), 'theirs');
  });

  it('tell what they have overwritten and deleted, so that it can be undone', async () => {
    await outside.put('/undone', { value: 'old' });
    const key = bytes('/undone');
    const put = await store.transact([{ kind: 'put', key, value: bytes('new'), expected: await read('/undone') }]);
    const deleted = await store.transact([{ kind: 'delete', key, expected: await read('/undone') }]);
    for (const [result, value] of [
      [put, 'old'],
      [deleted, 'new'],
    ] as const) {
      assert.ok(result.outcome === 'done');
      assert.deepEqual(
        result.previous.map((kv) => [text(kv.key), text(kv.value)]),
        [['/undone', value]],
      );
    }
    await outside.put('/many', { value: 'one' });
    const { kvs } = await store.getMany(['/none', '/many'].map(bytes), { values: true });
    assert.deepEqual(
      kvs.map((kv) => text(kv?.value)),
      [undefined, 'one'],
    );
  });

  it('delete no counted key that was changed', async () => {
    await outside.put('/counted', { value: 'one' });
    const ranges = [singleKeyRange(bytes('/counted'))];
    const { revision } = await store.count(ranges);
    ahead = () => outside.put('/counted', { value: 'theirs' });
    assert.deepEqual(await store.delete(ranges, { unchangedSince: revision }), { outcome: 'changed' });
    assert.equal(text((await read('/counted')).value), 'theirs');
  });

  it('remove no empty directory that somebody else has filled', async () => {
    await store.createDirectory?.(bytes('/filled/'));
    ahead = () => outside.put('/filled/theirs', { value: 'x' });
    await store.removeEmptyDirectories?.(bytes('/filled/'));
    assert.equal(text((await read('/filled/theirs')).value), 'x');
  });

  it('read what most members have agreed on', async () => {
    const before = standIn.received.length;
    await store.get(bytes('/agreed'));
    await store.listChildren(bytes('/')).next(10);
    await store.count([prefixRange(bytes('/'))]);
    for await (const page of store.scan(prefixRange(bytes('/raced/')))) assert.ok(page);
    const reads = standIn.received.slice(before).filter(({ method }) => method === 'GET');
    assert.equal(reads.length, 4);
    for (const { path } of reads) assert.match(path, /[?&]quorum=true\b/);
  });
});
