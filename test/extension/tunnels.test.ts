import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { extensions } from 'vscode';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles, type ConnectionSource } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { tunnelCommandLine } from '../../src/connections/trust/connectionTunnel.ts';
import { connectionTooltip } from '../../src/views/keys/tooltips.ts';
import { EXTENSION_ID } from '../../scripts/package/extensionId.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { until } from '../etcd/eventually.ts';
import { authority } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { writeKubectl, type KubectlProgram } from '../fixtures/kubectlProgram.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

/** A name that nothing resolves: only the tunnel leads there. */
const ENDPOINT = 'https://etcd-0.etcd.test:2379';
const KUBECTL = { context: 'test', namespace: 'kube-system', pod: 'etcd-0' };
const KEY = new TextEncoder().encode('/hello');

describe('the tunnel of a connection in VS Code', () => {
  const path = process.env['PATH'];
  let kubectl: KubectlProgram;
  let server: EtcdServer;
  let ca: string;
  let consents: Consents;
  let connections: Connection[];
  const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');

  before(async () => {
    kubectl = await writeKubectl();
    const issuer = await authority('private');
    ca = issuer.certPem;
    server = await startEtcd({
      tls: await issuer.issue({ commonName: 'etcd', names: ['etcd-0.etcd.test', '127.0.0.1'] }),
    });
    await server.etcdctl(['put', '/hello', 'world']);
    await kubectl.behave({ pod: { 2379: { host: '127.0.0.1', port: server.port } } });
    process.env['PATH'] = [kubectl.programs, path].join(delimiter);
  });
  beforeEach(() => {
    consents = new Consents(new MemoryState(), new MemoryState());
    connections = [];
  });
  afterEach(async () => {
    for (const connection of connections) connection.dispose();
    await until(async () => (await kubectl.running()).length === 0);
  });
  after(async () => {
    process.env['PATH'] = path;
    await server?.stop();
    await kubectl?.remove();
  });

  function connectionWith(tunnel: unknown, source: ConnectionSource, more: object = {}): Connection {
    const [profile] = readProfiles([{ name: 'tunneled', endpoints: [ENDPOINT], ca, tunnel, ...more }], source);
    assert.ok(profile);
    const extension = extensions.getExtension(EXTENSION_ID);
    const tunnelGuard = `${extension?.extensionPath ?? ''}/dist/tunnelGuard.cjs`;
    const services = { credentials, consents, offerTrust: () => undefined, logRequest: () => undefined, tunnelGuard };
    const connection = new Connection(profile, services);
    connections.push(connection);
    return connection;
  }

  async function reads(connection: Connection): Promise<string> {
    const { kv } = await (await connection.store('background')).get(KEY);
    return new TextDecoder().decode(kv?.value);
  }

  for (const transport of ['grpc', 'gateway'])
    it(`needs no question in the user's settings, and is used by ${transport}`, async () => {
      const connection = connectionWith({ kubectl: KUBECTL }, 'user', { transport });
      assert.equal(await reads(connection), 'world');
      assert.equal(await reads(connection), 'world');
      assert.match(connectionTooltip(connection).value, /Tunnel.*: kubectl test.*which runs/);
      assert.deepEqual(connection.endpoints, [ENDPOINT]);
      assert.equal((await kubectl.running()).length, 1);
    });

  it('ends when the connection is closed, and starts when it is used again', async () => {
    const connection = connectionWith({ kubectl: KUBECTL }, 'user');
    await reads(connection);
    connection.disconnect();
    await until(async () => (await kubectl.running()).length === 0);
    assert.equal(await reads(connection), 'world');
  });

  it('ends when connecting fails', async () => {
    const connection = connectionWith({ kubectl: KUBECTL }, 'user', { serverName: 'other.test' });
    await assert.rejects(reads(connection), failsAs('wrongHostName'));
    await until(async () => (await kubectl.running()).length === 0);
  });

  it('runs for a workspace only after exactly this command was allowed', async () => {
    const { length } = await kubectl.starts();
    const asked = connectionWith({ kubectl: KUBECTL }, 'workspace');
    await assert.rejects(reads(asked), failsAs('configuration', /you have not allowed it yet/));
    const scope = await asked.credentialScope('background');
    await consents.allowContact(asked.profile, scope.origins, scope.identity);
    assert.equal(await reads(asked), 'world');
    assert.equal((await kubectl.starts()).length, length + 1);
    const others = [{ kubectl: { ...KUBECTL, pod: 'etcd-1' } }, { ssh: 'bastion' }, undefined];
    for (const other of others)
      await assert.rejects(
        reads(connectionWith(other, 'workspace')),
        failsAs('configuration', /you have not allowed it yet/),
      );
    assert.equal((await kubectl.starts()).length, length + 1);
  });

  it('may name a kubeconfig only in the user settings', async () => {
    const tunnel = { kubectl: { ...KUBECTL, kubeconfig: '/tmp/kubeconfig' } };
    await assert.rejects(
      reads(connectionWith(tunnel, 'workspace')),
      failsAs('configuration', /only your user settings/),
    );
    assert.equal(await reads(connectionWith(tunnel, 'user')), 'world');
    assert.equal((await kubectl.starts()).at(-1)?.[0], '--kubeconfig=/tmp/kubeconfig');
  });

  it('is refused with a sentence if it is wrong, before anything runs', async () => {
    const { length } = await kubectl.starts();
    for (const wrong of [{ ssh: '-oProxyCommand=id' }, { kubectl: { ...KUBECTL, pod: '--x' } }, 'bastion', null])
      await assert.rejects(reads(connectionWith(wrong, 'user')), failsAs('configuration', /tunnel/));
    assert.equal((await kubectl.starts()).length, length);
  });

  it('keeps passwords apart from those for the same address without it', async () => {
    const [tunneled, direct] = [connectionWith({ kubectl: KUBECTL }, 'user'), connectionWith(undefined, 'user')];
    const scopes = [await tunneled.credentialScope('background'), await direct.credentialScope('background')] as const;
    await credentials.set(scopes[1], { username: 'root', password: 'secret' });
    assert.equal(await credentials.get(scopes[0]), undefined);
    await credentials.forget(direct.profile);
  });

  it('shows the whole command, each argument as one word', () => {
    const { profile } = connectionWith({ kubectl: { ...KUBECTL, context: "it's $(id)" } }, 'workspace');
    assert.match(
      tunnelCommandLine(profile) ?? '',
      /^kubectl '?--context=it.*\$\(id\).* port-forward --address=127\.0\.0\.1 -- pod\/etcd-0 :2379$/,
    );
    const { profile: ssh } = connectionWith({ ssh: 'me@bastion' }, 'workspace');
    assert.match(
      tunnelCommandLine(ssh) ?? '',
      /^ssh -v -N .* -L 127\.0\.0\.1:PORT:etcd-0\.etcd\.test:2379 -- me@bastion$/,
    );
  });
});
