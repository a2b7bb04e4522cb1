import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../src/connections/connection.ts';
import type { ConnectionState } from '../../src/connections/connectionState.ts';
import { readProfiles } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { bytes, text } from '../etcd/connecting.ts';
import { authority, selfSigned, type Authority, type Identity } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

const PASSWORD = 'correct-horse';

describe('certificate files that change on disk while connected', () => {
  let ca: Authority;
  let other: Identity;
  let server: EtcdServer;
  let folder: string;
  let secrets: MemorySecrets;
  let credentials: CredentialStore;
  let connection: Connection | undefined;

  before(async () => {
    [ca, other] = await Promise.all([authority('ours'), selfSigned({ commonName: 'other' })]);
    const tls = await ca.issue({ commonName: 'etcd', names: ['127.0.0.1'] });
    server = await startEtcd({ tls, clientAuthority: ca, auth: { rootPassword: PASSWORD } });
    await server.etcdctl(['put', '/hello', 'world']);
  });
  after(() => server?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etcd-certificates-'));
    secrets = new MemorySecrets();
    credentials = new CredentialStore(secrets, new MemoryState(), '');
    await write('ca.crt', ca.certPem);
    await writeClient('first');
  });
  afterEach(async () => {
    connection?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes as careful tools do: beside the file, and then in its place. */
  async function write(name: string, content: string): Promise<void> {
    await writeFile(join(folder, `${name}.new`), content);
    await rename(join(folder, `${name}.new`), join(folder, name));
  }

  async function writeClient(commonName: string): Promise<string> {
    const client = await ca.issue({ commonName, purposes: ['clientAuth'] });
    await write('client.crt', client.certPem);
    await write('client.key', client.keyPem);
    return new X509Certificate(client.certPem).fingerprint256;
  }

  async function connected(caFile = 'ca.crt'): Promise<Connection> {
    const entry = {
      name: 'prod',
      endpoints: [server.endpoint],
      username: 'root',
      caFile: join(folder, caFile),
      certFile: join(folder, 'client.crt'),
      keyFile: join(folder, 'client.key'),
    };
    const [profile] = readProfiles([entry], 'user');
    assert.ok(profile);
    const consents = new Consents(new MemoryState(), new MemoryState());
    const services = {
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    };
    const made = (connection = new Connection(profile, services));
    await credentials.set(await made.credentialScope(), { username: 'root', password: PASSWORD });
    await greeting(made);
    return made;
  }

  async function greeting(of: Connection): Promise<void> {
    const { kv } = await (await of.store('background')).get(bytes('/hello'));
    assert.equal(text(kv?.value), 'world');
  }

  function state<K extends ConnectionState['kind']>(of: Connection, kind: K) {
    const { promise, resolve } = Promise.withResolvers<Extract<ConnectionState, { kind: K }>>();
    const listener = of.onDidChangeState(() => {
      const now = of.state;
      if (now.kind === kind) resolve(now as Extract<ConnectionState, { kind: K }>);
    });
    return promise.finally(() => listener.dispose());
  }

  it('shows a renewed client certificate at once, with the same user', async () => {
    const made = await connected();
    const before = made.handshake?.client?.fingerprint256;
    const again = state(made, 'connected');
    const renewed = await writeClient('second');
    assert.equal((await again).username, 'root');
    assert.notEqual(renewed, before);
    assert.equal(made.handshake?.client?.fingerprint256, renewed);
    assert.match(made.handshake?.server.subject ?? '', /CN=etcd/);
    await greeting(made);
  });

  it('sends no password where something else is trusted by now, until the user is asked', async () => {
    const made = await connected();
    const failed = state(made, 'failed');
    await write('ca.crt', ca.certPem + other.certPem);
    const { error } = await failed;
    assert.equal(error.kind, 'signInNeeded');
    assert.match(error.message, /certificate files of prod have changed. The password .* was not sent/);
    const again = made.store('background');
    await assert.rejects(again, /password of the etcd user root is not known/);
    await write('ca.crt', ca.certPem);
    await greeting(made);
  });

  it('keeps the connection while a file is only half written', async () => {
    const made = await connected();
    await writeFile(join(folder, 'client.crt'), '-----BEGIN CERTIFICATE-----\n');
    await writeFile(join(folder, 'client.key'), '');
    const again = state(made, 'connected');
    const renewed = await writeClient('second');
    await again;
    assert.equal(made.handshake?.client?.fingerprint256, renewed);
  });

  it('follows links that are turned to another folder, as Kubernetes does', async () => {
    for (const [version, pem] of [
      ['..v1', ca.certPem],
      ['..v2', other.certPem],
    ] as const) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'mounted.crt'), pem);
    }
    await symlink('..v1', join(folder, '..data'));
    await symlink('..data/mounted.crt', join(folder, 'mounted.crt'));
    const made = await connected('mounted.crt');
    const failed = state(made, 'failed');
    await symlink('..v2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    assert.equal((await failed).error.kind, 'signInNeeded');
  });
});
