import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

const X = bytes('/x');
/** HTTP/2 frames: GOAWAY for streams that are still to come, and PING, which a client answers. */
const GOAWAY = Buffer.from('0000080700000000007fffffff00000000', 'hex');
const PING = Buffer.from('0000080600000000000000000000000000', 'hex');

/** An address at which one server answers after another, as behind a port that is forwarded. */
interface Forward {
  readonly endpoint: string;
  /** Ends all connections. Resolves when the client has noticed, although it has no request under way. */
  end(): Promise<unknown>;
  /** Announces to HTTP/2 clients that their sessions take no more calls; resolves when they have read that. */
  drain(): Promise<unknown>;
  /** Forwards new connections to another server. */
  to(server: EtcdServer): void;
  close(): void;
}

async function startForward(first: EtcdServer): Promise<Forward> {
  const clients = new Set<Socket>();
  let target = first;
  const listener = createServer((client) => {
    const server = connectTcp(target.port, '127.0.0.1');
    clients.add(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroySoon());
    }
    client.on('close', () => clients.delete(client));
    client.pipe(server).pipe(client);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    end: () =>
      Promise.all(
        [...clients].map((client) => {
          client.unpipe().resume().end();
          return once(client, 'close');
        }),
      ),
    drain: () =>
      Promise.all(
        [...clients].map((client) => {
          client
            .unpipe()
            .resume()
            .write(Buffer.concat([GOAWAY, PING]));
          return once(client, 'data');
        }),
      ),
    to: (server) => (target = server),
    close() {
      listener.close();
      for (const client of clients) client.destroy();
    },
  };
}

describe('a server of another cluster that gets the address of the first', () => {
  const closing: (() => unknown)[] = [];
  let first: EtcdServer;
  let other: EtcdServer;
  let forward: Forward;

  beforeEach(async function () {
    this.timeout('2m');
    const start = (token: string) =>
      startEtcd({ version: '3.4', extraArgs: ['--enable-v2', '--initial-cluster-token', token] });
    [first, other] = await Promise.all([start('first'), start('other')]);
    // With as many writes on both sides, the revisions that guard a write are the same.
    for (const [server, value] of [
      [first, 'of the first'],
      [other, 'of the other'],
    ] as const) {
      await server.etcdctl(['put', '/x', value]);
      const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' });
      await store.put(X, bytes(value), 'absent');
      close();
    }
    forward = await startForward(first);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) close();
    forward.close();
    await Promise.all([first.stop(), other.stop()]);
  });

  async function open(endpoint: string, more: Partial<EtcdSettings>): Promise<KeyStore> {
    const { store, close } = await connectEtcd({ ...settingsFor(endpoint), api: 'v3', ...more });
    closing.push(close);
    return store;
  }

  /** Makes the other server answer at the first one's address, and writes there. */
  async function writesNothing(more: Partial<EtcdSettings>, store: KeyStore, replace: () => Promise<unknown>) {
    const { kv } = await store.get(X);
    assert.equal(text(kv?.value), 'of the first');
    assert.ok(kv);
    forward.to(other);
    await replace();
    const refused = failsAs('otherCluster', /belongs to another etcd cluster/);
    await assert.rejects(store.put(X, bytes('edited'), kv), refused);
    const direct = await open(other.endpoint, more);
    assert.equal(text((await direct.get(X)).kv?.value), 'of the other');
    forward.to(first);
    await forward.end();
    assert.equal((await store.put(X, bytes('edited'), kv)).outcome, 'written');
  }

  for (const more of [{ transport: 'grpc' }, { transport: 'gateway' }, { api: 'v2' }] as const)
    it(`while nothing is under way gets no write (${JSON.stringify(more)})`, async () => {
      await writesNothing(more, await open(forward.endpoint, more), () => forward.end());
    });

  it('gets no write while a watch goes on at the first, whose session takes no more calls', async () => {
    const more = { transport: 'grpc' } as const;
    const store = await open(forward.endpoint, more);
    const over = new AbortController();
    closing.push(() => over.abort());
    const watch = store.watch({ start: X, end: bytes('/y') }, { signal: over.signal })[Symbol.asyncIterator]();
    await watch.next();
    await writesNothing(more, store, () => forward.drain());
  });
});
