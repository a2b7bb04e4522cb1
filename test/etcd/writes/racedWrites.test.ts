import assert from 'node:assert/strict';
import type { KeyStore, KeyValue, Lifetime } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { passOn, startStandIn, type StandIn } from '../standIn.ts';

/**
 * What happens to a write under way: it is lost before or after etcd carried it out, and what someone else does then.
 */
interface Loss {
  readonly part: 'request' | 'answer';
  readonly meanwhile?: () => Promise<unknown>;
}

describe('a write whose answer is lost', () => {
  let server: EtcdServer;
  let standIn: StandIn;
  let store: KeyStore;
  let close: () => void;
  /** Loss for the next transaction only. */
  let loss: Loss | undefined;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4' });
    standIn = await startStandIn(async (received, response) => {
      if (!loss || !received.path.endsWith('/kv/txn')) return await passOn(server.endpoint, received, response);
      const { part, meanwhile } = loss;
      loss = undefined;
      if (part === 'answer') await passOn(server.endpoint, received);
      await meanwhile?.();
      response.destroy();
    });
    ({ store, close } = await connectV3({ ...settingsFor(standIn.endpoint), transport: 'gateway' }));
  });
  afterEach(() => {
    loss = undefined;
  });
  after(async () => {
    close?.();
    await standIn?.close();
    await server?.stop();
  });

  async function create(key: string, lifetime?: Lifetime): Promise<KeyValue> {
    await store.put(bytes(key), bytes('old'), 'absent', lifetime && { lifetime });
    const { kv } = await store.get(bytes(key));
    assert.ok(kv);
    return kv;
  }

  const theirs = (key: string) => () => server.etcdctl(['put', key, 'theirs']);

  for (const part of ['request', 'answer'] as const)
    it(`meets a conflict where somebody else has written the key since: the ${part} of a save`, async () => {
      const key = `/save/${part}`;
      const kv = await create(key);
      loss = { part, meanwhile: theirs(key) };
      const result = await store.put(kv.key, bytes('mine'), kv);
      assert.ok(result.outcome === 'conflict');
      assert.equal(text(result.current.kv?.value), 'theirs');
      assert.equal(text((await store.get(kv.key)).kv?.value), 'theirs');
    });

  for (const part of ['request', 'answer'] as const)
    it(`does not count as done where its keys were written by somebody else: the ${part} of a transaction`, async () => {
      const [first, second] = [await create(`/both/${part}/a`), await create(`/both/${part}/b`)];
      loss = { part, meanwhile: theirs(`/both/${part}/b`) };
      const changes = [first, second].map((expected) => ({
        ...{ kind: 'put' as const, key: expected.key, value: bytes('mine') },
        expected,
      }));
      await assert.rejects(store.transact(changes), failsAs('fateUnknown', /check them/));
      assert.equal(text((await store.get(second.key)).kv?.value), 'theirs');
    });

  it('does not count as done where the value was the same before: only a lease was to change', async () => {
    const kv = await create('/same');
    loss = { part: 'request' };
    const change = { kind: 'put' as const, key: kv.key, value: kv.value, expected: kv, lifetime: { ttl: 600 } };
    await assert.rejects(store.transact([change]), failsAs('fateUnknown'));
    assert.equal((await store.get(kv.key)).kv?.lease, 0n);
  });

  for (const lifetime of ['keep', 'forever'] as const)
    it(`does not count as done where nothing else was to change than its revision (${lifetime})`, async () => {
      const kv = await create(`/same/${lifetime}`);
      loss = { part: 'request' };
      const change = { kind: 'put' as const, key: kv.key, value: kv.value, expected: kv, lifetime };
      await assert.rejects(store.transact([change]), failsAs('fateUnknown', /so far nothing is changed/));
      loss = { part: 'request' };
      await assert.rejects(store.put(kv.key, kv.value, kv, { lifetime }), failsAs('fateUnknown', /is unchanged/));
    });

  it('counts as done where the same value has come with its lease', async () => {
    const kv = await create('/same-arrived');
    loss = { part: 'answer' };
    const change = { kind: 'put' as const, key: kv.key, value: kv.value, expected: kv, lifetime: { ttl: 600 } };
    assert.equal((await store.transact([change])).outcome, 'done');
    assert.notEqual((await store.get(kv.key)).kv?.lease, 0n);
  });

  it('tells what was there before, so that it can be undone', async () => {
    const [changed, deleted] = [await create('/before/changed'), await create('/before/deleted')];
    loss = { part: 'answer' };
    const result = await store.transact([
      { kind: 'put', key: changed.key, value: bytes('mine'), expected: changed },
      { kind: 'delete', key: deleted.key, expected: deleted },
      { kind: 'put', key: bytes('/before/created'), value: bytes('mine'), expected: 'absent' },
    ]);
    assert.ok(result.outcome === 'done');
    assert.deepEqual(
      result.previous.map(({ key, value, modRevision }) => [text(key), text(value), modRevision]),
      [changed, deleted].map(({ key, modRevision }) => [text(key), 'old', modRevision]),
    );
  });

  it('tells what a save has overwritten where that is wanted, and only there', async () => {
    for (const previous of [true, false]) {
      const kv = await create(`/previous/${previous}`);
      loss = { part: 'answer' };
      const result = await store.put(kv.key, bytes('mine'), kv, { previous });
      assert.ok(result.outcome === 'written');
      assert.equal(text(result.previous?.value), previous ? 'old' : undefined);
    }
  });

  it('counts as done with its checks, of which there is nothing to undo', async () => {
    const [checked, changed] = [await create('/checked/a'), await create('/checked/b')];
    loss = { part: 'answer' };
    const result = await store.transact([
      { kind: 'check', key: checked.key, expected: checked },
      { kind: 'put', key: changed.key, value: bytes('mine'), expected: changed },
    ]);
    assert.ok(result.outcome === 'done');
    assert.deepEqual(
      result.previous.map(({ key }) => text(key)),
      ['/checked/b'],
    );
  });

  it('counts as done where what was there before is compacted', async () => {
    const kv = await create('/compacted');
    const compact = async () => {
      const { stdout } = await server.etcdctl(['get', '/compacted', '--write-out=json']);
      const { header } = JSON.parse(stdout) as { header: { revision: number } };
      assert.equal((await server.etcdctl(['compact', String(header.revision)])).code, 0);
    };
    loss = { part: 'answer', meanwhile: compact };
    const change = { kind: 'put' as const, key: kv.key, value: bytes('mine'), expected: kv };
    const result = await store.transact([change]);
    assert.deepEqual([result.outcome, 'previous' in result && result.previous], ['done', []]);
  });

  it('is told from the same value that somebody else has given another lease', async () => {
    const [ours, others] = [(await store.leases?.grant(600)) ?? 0n, (await store.leases?.grant(600)) ?? 0n];
    for (const [index, lifetime] of (['forever', { lease: ours }] as const).entries()) {
      const key = `/lease/${index}`;
      const kv = await create(key, { lease: ours });
      loss = {
        part: 'request',
        meanwhile: () => server.etcdctl(['put', key, 'mine', `--lease=${others.toString(16)}`]),
      };
      assert.equal((await store.put(kv.key, bytes('mine'), kv, { lifetime })).outcome, 'conflict');
      assert.equal((await store.get(kv.key)).kv?.lease, others);
    }
  });

  it('says that nothing is changed so far where it has not arrived', async () => {
    const kv = await create('/not-arrived');
    loss = { part: 'request' };
    const change = { kind: 'delete' as const, key: kv.key, expected: kv };
    await assert.rejects(store.transact([change]), failsAs('fateUnknown', /so far nothing is changed/));
  });
});

describe('a write that the first of two endpoints does not carry out', () => {
  let server: EtcdServer;
  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4' });
  });
  after(() => server?.stop());

  const refusals = [
    { code: 14, message: 'etcdserver: request timed out' },
    { code: 4, message: 'context deadline exceeded' },
    { code: 14, message: 'etcdserver: request timed out, possibly due to previous leader failure' },
  ];
  for (const { code, message } of refusals)
    it(`goes to no other one where that may still come (code ${code}, "${message}"): its fate is unknown`, async () => {
      const busy = await startStandIn(async (received, response) => {
        if (!received.path.endsWith('/kv/txn')) return await passOn(server.endpoint, received, response);
        const body = JSON.stringify({ error: message, code, message });
        response.writeHead(503, { 'content-type': 'application/json' }).end(body);
      });
      const second = await startStandIn((received, response) => passOn(server.endpoint, received, response));
      const settings = settingsFor([busy.endpoint, second.endpoint]);
      const { store, close } = await connectV3({ ...settings, transport: 'gateway' });
      const writes = () => [...busy.received, ...second.received].filter(({ path }) => path.endsWith('/kv/txn'));
      try {
        const key = bytes('/once');
        await assert.rejects(store.put(key, bytes('mine'), 'absent'), failsAs('fateUnknown'));
        assert.equal(writes().length, 1);
        const change = { kind: 'put' as const, key, value: bytes('mine'), expected: 'absent' as const };
        await assert.rejects(store.transact([change]), failsAs('fateUnknown'));
        assert.equal(writes().length, 2);
        assert.equal((await store.get(key)).kv, undefined);
      } finally {
        close();
        await busy.close();
        await second.close();
      }
    });
});
