import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

const PASSWORD = 'correct-horse';

describe('origins that a cluster announces', () => {
  /** The server that the cluster points to, which records what is sent there. */
  const elsewhere = createServer((request, answer) => {
    heard.push(`${request.url} ${JSON.stringify(request.headers)}`);
    answer.end('{}');
  });
  let heard: string[] = [];
  let origin: string;
  let server: EtcdServer;

  before(async () => {
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  });
  after(() => void elsewhere.close());
  beforeEach(async () => {
    heard = [];
    server = await startEtcd({
      version: '3.5',
      auth: { rootPassword: PASSWORD },
      extraArgs: [`--advertise-client-urls=${origin}`],
    });
  });
  afterEach(() => server.stop());

  function settings(mayUse?: (origin: string) => boolean): EtcdSettings {
    return { ...settingsFor(server.endpoint), api: 'v3', sync: true, ...(mayUse && { mayUse }) };
  }

  for (const transport of ['grpc', 'gateway'] as const)
    it(`get nothing without consent, also once the endpoint of the settings is gone (${transport})`, async () => {
      const asked: string[] = [];
      const mayUse = (each: string) => {
        asked.push(each);
        return false;
      };
      const credentials = { username: 'root', password: PASSWORD };
      const open = await connectEtcd({ ...settings(mayUse), transport }, credentials);
      assert.deepEqual(asked, [origin]);
      assert.deepEqual(open.endpoints?.(), [server.endpoint]);
      assert.deepEqual(open.unusedEndpoints?.(), [origin]);
      await server.kill();
      await assert.rejects(open.store.get(bytes('/a')), failsAs('refused'));
      assert.deepEqual(heard, []);
      open.close();
    });

  it('are used with consent', async () => {
    const open = await connectEtcd(
      settings(() => true),
      { username: 'root', password: PASSWORD },
    );
    assert.deepEqual(open.endpoints?.(), [server.endpoint, origin]);
    assert.deepEqual(open.unusedEndpoints?.(), []);
    open.close();
  });

  it('are named by Diagnose where they are not used', async () => {
    const found: string[] = [];
    const credentials = { username: 'root', password: PASSWORD };
    for await (const step of diagnose(
      settings(() => false),
      credentials,
      new AbortController().signal,
    ))
      if (step.name === 'Addresses of the members') found.push(`${step.outcome}: ${step.detail}`);
    assert.deepEqual(found, [
      `ok: used: ${server.endpoint}; not used, because you have not allowed them: ${origin}. Add them to "endpoints" to be asked.`,
    ]);
    assert.deepEqual(heard, []);
  });
});
