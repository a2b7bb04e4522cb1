import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { authority } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { writeKubectl, type KubectlProgram } from '../../fixtures/kubectlProgram.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventually, until } from '../eventually.ts';
import { OpenTunnels } from './openTunnels.ts';

/** A name that nothing resolves: only the tunnel leads there. */
const NAME = 'etcd-0.etcd.test';
const KEY = bytes('/hello');
const POD = { context: 'admin@test cluster', namespace: 'kube-system', pod: 'etcd-0' };

describe('a tunnel by kubectl', () => {
  let kubectl: KubectlProgram;
  let server: EtcdServer;
  let tls: TlsIdentity;
  const tunnels = new OpenTunnels();

  before(async () => {
    kubectl = await writeKubectl();
    const ca = await authority('private');
    tls = { certificateAuthorities: [ca.certPem] };
    server = await startEtcd({ tls: await ca.issue({ commonName: 'etcd', names: [NAME, '127.0.0.1'] }) });
    await server.etcdctl(['put', '/hello', 'world']);
    tunnels.usePrograms(kubectl.programs);
  });
  beforeEach(() => kubectl.behave({ pod: { 2379: { host: '127.0.0.1', port: server.port } } }));
  afterEach(() => tunnels.close());
  after(async () => {
    tunnels.restorePath();
    await server?.stop();
    await kubectl?.remove();
  });

  function through(endpoint: string, more: Partial<EtcdSettings> = {}): EtcdSettings {
    const tunnel = tunnels.create({ kubectl: POD }, [endpoint]);
    return { ...settingsFor(endpoint), api: 'v3', tls, tunnel, ...more };
  }

  async function reads(settings: EtcdSettings): Promise<string | undefined> {
    const connection = await connectEtcd(settings);
    try {
      return text((await connection.store.get(KEY)).kv?.value);
    } finally {
      connection.close();
    }
  }

  for (const transport of ['grpc', 'gateway'] as const)
    it(`reads by ${transport} under a name that only the pod's certificate has`, async () => {
      assert.equal(await reads(through(`https://${NAME}:2379`, { transport })), 'world');
      const other = through('https://other.test:2379', { transport });
      await assert.rejects(reads(other), failsAs('wrongHostName', /other\.test/));
    });

  it('passes its arguments one by one, and listens on loopback only', async () => {
    await reads(through(`https://${NAME}:2379`));
    assert.deepEqual((await kubectl.starts()).at(-1), [
      ...['--context=admin@test cluster', '--namespace=kube-system', 'port-forward', '--address=127.0.0.1'],
      ...['--', 'pod/etcd-0', ':2379'],
    ]);
  });

  it('quotes why kubectl did not start, and does not start it again at once', async () => {
    await kubectl.behave({ pod: {}, failure: 'Error from server (NotFound): pods "etcd-0" not found' });
    const settings = through(`https://${NAME}:2379`);
    const refused = failsAs(
      'refused',
      /ended before it was ready \(kubectl: “Error from server \(NotFound\): pods "etcd-0" not found”\)/,
    );
    await assert.rejects(reads(settings), refused);
    const { length } = await kubectl.starts();
    await assert.rejects(reads(settings), refused);
    assert.equal((await kubectl.starts()).length, length);
  });

  it('says that nothing listens in the pod, and starts again for the next request', async () => {
    await kubectl.behave({ pod: {} });
    const settings = through(`https://${NAME}:2379`);
    await assert.rejects(
      reads(settings),
      failsAs('refused', /open, but nothing can be reached from there at 2379 \(.*connection refused/),
    );
    await kubectl.behave({ pod: { 2379: { host: '127.0.0.1', port: server.port } } });
    assert.equal(await eventually(() => reads(settings)), 'world');
  });

  it('starts again after kubectl was ended in the middle of use', async () => {
    const connection = await connectEtcd(through(`https://${NAME}:2379`));
    try {
      const { length } = await kubectl.starts();
      for (const pid of await kubectl.running()) process.kill(pid, 'SIGKILL');
      const { kv } = await eventually(() => connection.store.get(KEY));
      assert.equal(text(kv?.value), 'world');
      assert.equal((await kubectl.starts()).length, length + 1);
    } finally {
      connection.close();
    }
  });

  it('ends with the process that has started it, even if that is killed', async () => {
    const script = join(import.meta.dirname, 'killedOwner.ts');
    const owner = spawn(process.execPath, [script, `https://${NAME}:2379`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    assert.equal((await kubectl.running()).length, 1);
    owner.kill('SIGKILL');
    await until(async () => (await kubectl.running()).length === 0);
  });
});
