import assert from 'node:assert/strict';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { authority } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { startSshServer, type SshServer } from '../../fixtures/sshServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventually, until } from '../eventually.ts';
import { OpenTunnels } from './openTunnels.ts';

/** An address that no other part of the way uses, so that a wrong name is noticed. */
const HOST = '127.0.0.2';
const KEY = bytes('/hello');

describe('a tunnel by ssh', () => {
  let ssh: SshServer;
  let plain: EtcdServer;
  let secure: EtcdServer;
  let tls: TlsIdentity;
  const tunnels = new OpenTunnels();

  before(async function () {
    try {
      ssh = await startSshServer();
    } catch (error) {
      console.log(`      Skipped: ${String(error)}`);
      return this.skip();
    }
    const ca = await authority('private');
    const client = await ca.issue({ commonName: 'client', purposes: ['clientAuth'] });
    tls = { certificateAuthorities: [ca.certPem], client: { certificate: client.certPem, key: client.keyPem } };
    plain = await startEtcd();
    secure = await startEtcd({
      tls: await ca.issue({ commonName: 'etcd', names: [HOST] }),
      clientAuthority: ca,
      host: HOST,
    });
    for (const server of [plain, secure]) await server.etcdctl(['put', '/hello', 'world']);
    tunnels.usePrograms(ssh.programs);
  });
  afterEach(async () => {
    await tunnels.close();
    await ssh?.know('right');
    await ssh?.signInWith('right');
  });
  after(async () => {
    tunnels.restorePath();
    for (const server of [plain, secure, ssh]) await server?.stop();
  });

  function through(endpoints: readonly string[], more: Partial<EtcdSettings> = {}): EtcdSettings {
    const tunnel = tunnels.create({ ssh: ssh.destination }, endpoints);
    return { ...settingsFor(endpoints), api: 'v3', tunnel, ...more };
  }

  async function reads(settings: EtcdSettings): Promise<string | undefined> {
    const connection = await connectEtcd(settings);
    try {
      assert.deepEqual(connection.endpoint(), settings.endpoints[0]);
      const { kv } = await connection.store.get(KEY);
      return text(kv?.value);
    } finally {
      connection.close();
    }
  }

  for (const transport of ['grpc', 'gateway'] as const) {
    it(`reads without TLS by ${transport}`, async () => {
      assert.equal(await reads(through([plain.endpoint], { transport })), 'world');
    });

    it(`reads with TLS by ${transport}, and checks the certificate for the endpoint's name`, async () => {
      assert.equal(await reads(through([secure.endpoint], { transport, tls })), 'world');
      const other = { ...tls, serverName: 'other.example' };
      await assert.rejects(reads(through([secure.endpoint], { transport, tls: other })), failsAs('wrongHostName'));
      // The tunnel begins at this address, for which the certificate is not.
      const wrong = `https://127.0.0.1:${secure.port}`;
      await assert.rejects(reads(through([wrong], { transport, tls })), failsAs('refused', /nothing can be reached/));
      const { certificateAuthorities: _, ...system } = tls;
      await assert.rejects(
        reads(through([secure.endpoint], { transport, tls: system })),
        (error) => failsAs('unknownAuthority')(error) && 'rejected' in Object(error),
      );
    });
  }

  it('shares one process between endpoints, and leads to each of them', async () => {
    const settings = through([plain.endpoint, `http://${HOST}:1`]);
    assert.equal(await reads(settings), 'world');
    const found = tunnels.running();
    assert.equal(found.length, 1, found.join('\n'));
  });

  it('says that nothing is reached behind it', async () => {
    await assert.rejects(
      reads(through([`http://${HOST}:1`])),
      failsAs(
        'refused',
        /The tunnel ssh bastion is open, but nothing can be reached from there at 127\.0\.0\.2:1 \(channel \d+: open failed: connect failed: Connection refused\)/,
      ),
    );
  });

  it('refuses a host whose key is not known, or is another one than before', async () => {
    await ssh.know('none');
    await assert.rejects(
      reads(through([plain.endpoint])),
      failsAs('refused', /does not know the key.*Host key verification failed.*in a terminal/),
    );
    await ssh.know('other');
    await assert.rejects(
      reads(through([plain.endpoint])),
      failsAs('refused', /another key than.*Someone may be intercepting/),
    );
  });

  it('says that the host refused the key, and asks nothing', async () => {
    await ssh.signInWith('other');
    await assert.rejects(
      reads(through([plain.endpoint])),
      failsAs('refused', /refused the sign-in.*Permission denied/),
    );
  });

  it('says what to do without ssh on PATH', async () => {
    tunnels.usePrograms();
    try {
      await assert.rejects(reads(through([plain.endpoint])), failsAs('refused', /needs ssh, which is not on PATH/));
    } finally {
      tunnels.usePrograms(ssh.programs);
    }
  });

  it('starts again after its host has died in the middle of use', async () => {
    const connection = await connectEtcd(through([plain.endpoint]));
    try {
      await ssh.kill();
      await assert.rejects(connection.store.get(KEY), (error: Error) => /tunnel|lost/.test(error.message));
      await ssh.restart();
      const { kv } = await eventually(() => connection.store.get(KEY));
      assert.equal(text(kv?.value), 'world');
    } finally {
      connection.close();
    }
  });

  it('leaves no process behind when it is closed', async () => {
    const settings = through([plain.endpoint]);
    assert.equal(await reads(settings), 'world');
    assert.notDeepEqual(tunnels.running(), []);
    settings.tunnel?.close();
    await until(async () => tunnels.running().length === 0);
    await assert.rejects(reads(settings), failsAs('cancelled'));
  });

  it('is a step of the diagnosis', async () => {
    const steps = [];
    const settings = through([secure.endpoint], { tls });
    for await (const step of diagnose(settings, undefined, new AbortController().signal)) steps.push(step);
    const found = steps.map(({ outcome, name, detail }) => `${outcome} ${name}: ${detail}`);
    assert.match(found[0] ?? '', /^ok Tunnel: ssh bastion runs, and forwards 127\.0\.0\.1:\d+ from here$/);
    assert.match(found[1] ?? '', /^ok Certificate shown: CN=etcd/);
    assert.ok(
      found.every((line) => line.startsWith('ok ')),
      found.join('\n'),
    );
  });
});
