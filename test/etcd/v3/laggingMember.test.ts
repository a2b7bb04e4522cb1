import assert from 'node:assert/strict';
import { singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { passOn, startStandIn, type Received } from '../standIn.ts';

const isRead = ({ path }: Received) => path.endsWith('/kv/range') || path.endsWith('/kv/txn');
const isOfMember = ({ body }: Received) => /"serializable":\s*true/.test(body);

describe('requests that belong together', () => {
  let server: EtcdServer;
  const closing: (() => unknown)[] = [];

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4' });
  });
  after(() => server?.stop());
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** Connects to etcd through a stand-in, which may answer differently. */
  async function through(answer: (received: Received) => Promise<object | void> | object | void) {
    const standIn = await startStandIn(async (received, response) => {
      const refusal = await answer(received);
      if (!refusal) return await passOn(server.endpoint, received, response);
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    });
    const { store, close } = await connectV3({ ...settingsFor(standIn.endpoint), transport: 'gateway' });
    closing.push(close, () => standIn.close());
    return { store, received: standIn.received };
  }

  async function fill(prefix: string, count: number): Promise<Uint8Array[]> {
    const { store, close } = await connectV3(settingsFor(server.endpoint));
    const keys = Array.from({ length: count }, (_, index) => bytes(`${prefix}${String(index).padStart(4, '0')}/key`));
    for (let at = 0; at < count; at += 100)
      await store.transact(
        keys.slice(at, at + 100).map((key) => ({ kind: 'put', key, value: bytes('v'), expected: 'absent' })),
      );
    close();
    return keys;
  }

  it('of a listing go to the cluster where a member has not reached its revision yet', async () => {
    await fill('/lagging/', 2000);
    const message = 'etcdserver: mvcc: required revision is a future revision';
    let refused = 0;
    const { store, received } = await through((request) => {
      if (!isRead(request) || !isOfMember(request)) return undefined;
      refused++;
      return { error: message, code: 11, message };
    });
    const listing = store.listChildren(bytes('/lagging/'));
    const names: (string | undefined)[] = [];
    for (let done = false; !done;) {
      const page = await listing.next(100);
      names.push(...page.children.map(({ path }) => text(path)));
      ({ done } = page);
    }
    assert.equal(new Set(names).size, 2000);
    assert.equal(names.length, 2000);
    assert.ok(refused > 0);
    const asked = received.filter(isRead);
    // A listing may not want what it has requested ahead.
    assert.ok(asked.some((request) => !isOfMember(request) && /"revision"/.test(request.body)));
  });

  it('say so where a single read asks for what a member does not know yet', async () => {
    const { store } = await through(() => undefined);
    const { revision } = await store.get(bytes('/none'));
    await assert.rejects(store.get(bytes('/none'), { revision: revision + 1000n }), failsAs('futureRevision'));
  });

  it('of a count are answered at one revision, whatever somebody writes between them', async () => {
    const keys = await fill('/pinned/', 200);
    const [first] = keys;
    const last = keys.at(-1);
    assert.ok(first && last);
    let transactions = 0;
    const { store } = await through(async ({ path }) => {
      if (path.endsWith('/kv/txn') && ++transactions === 2)
        assert.equal((await server.etcdctl(['del', text(last) ?? ''])).code, 0);
    });
    const { keys: counted, revision } = await store.count(keys.map(singleKeyRange));
    assert.deepEqual([counted, transactions], [200, 2]);
    assert.equal((await store.get(first)).revision, revision + 1n);
  });

  it('of a read of many keys are answered at one revision', async () => {
    const keys = await fill('/many/', 200);
    let transactions = 0;
    const { store } = await through(async ({ path }) => {
      if (path.endsWith('/kv/txn') && ++transactions === 2)
        for (const key of [keys[0], keys.at(-1)]) await server.etcdctl(['put', text(key) ?? '', 'theirs']);
    });
    const { kvs } = await store.getMany(keys, { values: true });
    assert.ok(transactions > 1);
    assert.deepEqual(new Set(kvs.map((kv) => text(kv?.value))), new Set(['v']));
  });
});
