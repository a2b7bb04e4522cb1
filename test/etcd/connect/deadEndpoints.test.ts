import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';

/** An endpoint that accepts no connection: its process is suspended, and the kernel's queue of connections is full. */
class DeadEndpoint {
  readonly endpoint: string;
  readonly #process: ChildProcess;
  readonly #filling: readonly Socket[];

  private constructor(process: ChildProcess, port: number, filling: readonly Socket[]) {
    this.#process = process;
    this.#filling = filling;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async open(): Promise<DeadEndpoint> {
    const program = `
      const server = require('node:net').createServer();
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
      process.on('disconnect', () => process.exit());`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    assert.ok(child.stdout);
    const [port] = await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    const filling: Socket[] = [];
    for (let isFull = false; !isFull;) {
      const socket = connectTcp(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      filling.push(socket);
      const taken = once(socket, 'connect').then(() => true);
      isFull = !(await Promise.race([taken, new Promise<false>((resolve) => setTimeout(resolve, 300, false))]));
    }
    return new DeadEndpoint(child, Number(port), filling);
  }

  close(): void {
    for (const socket of this.#filling) socket.destroy();
    this.#process.kill('SIGKILL');
  }
}

describe('an endpoint that takes no connection', () => {
  let server: EtcdServer;
  let dead: DeadEndpoint;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4' });
    dead = await DeadEndpoint.open();
  });
  after(async () => {
    dead?.close();
    await server?.stop();
  });

  const limits = { connect: 500, response: 30_000 };

  it('is passed over also by a write, which was not sent to it', async () => {
    const requests: string[] = [];
    const settings = settingsFor([dead.endpoint, server.endpoint], {
      limits,
      log: ({ endpoint, error = 'answered' }) =>
        requests.push(`${endpoint === dead.endpoint ? 'dead' : 'live'} ${error}`),
    });
    const client = new HttpClient(settings);
    try {
      const body = JSON.stringify({ key: btoa('/dead'), value: btoa('mine') });
      const answer = await client.send({ method: 'POST', path: '/v3/kv/put', body, repeatable: false });
      assert.equal(answer.status, 200);
      assert.deepEqual(requests, ['dead timedOut', 'live answered']);
    } finally {
      client.close();
    }
  });

  for (const transport of ['grpc', 'gateway'] as const)
    it(`keeps no write from being done once by ${transport}`, async () => {
      const { store, close } = await connectV3({
        ...settingsFor([dead.endpoint, server.endpoint], { limits }),
        transport,
      });
      try {
        const key = bytes(`/dead/${transport}`);
        assert.equal((await store.put(key, bytes('mine'), 'absent')).outcome, 'written');
        const { kv } = await store.get(key);
        assert.deepEqual([text(kv?.value), kv?.version], ['mine', 1n]);
      } finally {
        close();
      }
    });

  it('says that nothing was sent, where it is the only one', async () => {
    const client = new HttpClient(settingsFor(dead.endpoint, { limits }));
    const sending = client.send({ method: 'POST', path: '/v3/kv/put', body: '{}', repeatable: false });
    await assert.rejects(sending, (error) => {
      assert.ok(EtcdError.is(error, 'timedOut'), String(error));
      assert.match(error.message, /^No connection to /);
      return error.notCarriedOut;
    });
    client.close();
  });
});
