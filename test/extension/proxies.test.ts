import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { ConfigurationTarget, workspace } from 'vscode';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from '../../src/etcd/connect/connect.ts';
import { diagnose } from '../../src/etcd/connect/diagnose.ts';

import { certificatePins } from '../../src/etcd/http/certificatePins.ts';
import type { TlsIdentity } from '../../src/etcd/http/tlsIdentity.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { bytes, settingsFor, text } from '../etcd/connecting.ts';
import { authority, type Authority, type Identity } from '../fixtures/certificates.ts';
import { startConnectProxy, type ConnectProxy } from '../fixtures/connectProxy.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';

/** An address of this machine that VS Code does not recognize as such. */
const HOST = '127.0.0.2';
/** A name that only the proxy knows. */
const NAME = 'etcd.test';

describe("VS Code's proxy and its own ways to a host", () => {
  let ca: Authority;
  let tls: Identity;
  let server: EtcdServer;
  let proxy: ConnectProxy;
  let identity: TlsIdentity;
  let byName: string;
  let byPin: TlsIdentity;

  before(async () => {
    ca = await authority('private');
    tls = await ca.issue({ commonName: 'etcd', names: [HOST, NAME] });
    const client = await ca.issue({ commonName: 'client', purposes: ['clientAuth'] });
    const shown = { client: { certificate: client.certPem, key: client.keyPem } };
    identity = { certificateAuthorities: [ca.certPem], ...shown };
    byPin = { pins: [certificatePins(new X509Certificate(tls.certPem))[0]], ...shown };
    server = await startEtcd({ tls, clientAuthority: ca, host: HOST });
    await server.etcdctl(['put', '/hello', 'world']);
    byName = `https://${NAME}:${server.port}`;
    proxy = await startConnectProxy({ [NAME]: HOST });
  });
  after(async () => {
    proxy?.close();
    await server?.stop();
  });
  beforeEach(() => setHttp({ proxy: proxy.url }));
  afterEach(async () => {
    await setHttp({});
    proxy.asked.length = 0;
  });

  async function setHttp({ proxy: url, noProxy }: { proxy?: string; noProxy?: string[] }): Promise<void> {
    const http = workspace.getConfiguration('http');
    await http.update('proxy', url, ConfigurationTarget.Global);
    await http.update('noProxy', noProxy, ConfigurationTarget.Global);
  }

  function settings(endpoint: string, more: Partial<EtcdSettings> = {}): EtcdSettings {
    return { ...settingsFor(endpoint), tls: identity, api: 'v3', ...more };
  }

  async function opened<T>(asked: EtcdSettings, use: (connection: OpenEtcd) => Promise<T>): Promise<T> {
    const connection = await connectEtcd(asked);
    try {
      const { kv } = await connection.store.get(bytes('/hello'));
      assert.equal(text(kv?.value), 'world');
      return await use(connection);
    } finally {
      connection.close();
    }
  }

  const transportOf = async ({ transport }: OpenEtcd) => transport;

  it('reaches a host that only the proxy knows, with its own authority and client certificate', async () => {
    assert.equal(await opened(settings(byName), transportOf), 'gateway');
    assert.ok(proxy.asked.length > 0);
    assert.deepEqual([...new Set(proxy.asked)], [`${NAME}:${server.port}`]);
  });

  it('sees the certificate through the proxy, so that a pin alone is enough', async () => {
    assert.equal(await opened(settings(byName, { tls: byPin }), transportOf), 'gateway');
    const wrong = settings(byName, { tls: { ...byPin, pins: ['0'.repeat(64)] } });
    await assert.rejects(connectEtcd(wrong), failsAs('pinMismatch'));
  });

  it('takes the proxy for an address that it could reach, unless http.noProxy or gRPC is asked for', async () => {
    assert.equal(await opened(settings(server.endpoint), transportOf), 'gateway');
    assert.deepEqual([...new Set(proxy.asked)], [new URL(server.endpoint).host]);
    proxy.asked.length = 0;
    assert.equal(await opened(settings(server.endpoint, { transport: 'grpc' }), transportOf), 'grpc');
    await setHttp({ proxy: proxy.url, noProxy: [HOST] });
    assert.equal(await opened(settings(server.endpoint), transportOf), 'grpc');
    assert.equal(await opened(settings(server.endpoint, { transport: 'gateway' }), transportOf), 'gateway');
    assert.deepEqual(proxy.asked, []);
  });

  it('is diagnosed step by step through the proxy', async () => {
    const steps = [];
    for await (const step of diagnose(settings(byName), undefined, new AbortController().signal)) steps.push(step);
    assert.deepEqual(
      steps.map(({ outcome, name }) => `${outcome} ${name}`),
      [
        ...['Route', 'Certificate shown', 'etcd, TLS and sign-in', 'Permission to read, round trip'],
        ...['Answering member', 'Published faults of this version', 'Clock', 'Transports and metrics'],
      ].map((name) => `ok ${name}`),
    );
  });

  it('says so when the proxy cannot be reached, or does not let one through', async () => {
    await setHttp({ proxy: 'http://127.0.0.1:1' });
    await assert.rejects(connectEtcd(settings(server.endpoint)), /proxy of VS Code.*http\.noProxy/);
    await setHttp({ proxy: proxy.url });
    await assert.rejects(connectEtcd(settings('https://127.0.0.2:1')), /http\.noProxy/);
  });

  it('checks the pin of one connection though another has just reached the same server without it', async () => {
    await setHttp({});
    const gateway = settings(server.endpoint, { transport: 'gateway' });
    const wrong = { ...gateway, tls: { ...identity, pins: ['0'.repeat(64)] } };
    await opened(gateway, () => assert.rejects(connectEtcd(wrong), failsAs('pinMismatch')));
  });
});
