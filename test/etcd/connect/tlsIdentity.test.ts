import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { clientArchive } from '../../../src/etcd/http/clientCertificate.ts';
import { certificatePins } from '../../../src/etcd/http/certificatePins.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import {
  authority as createAuthority,
  pkcs12,
  selfSigned,
  type Authority,
  type Identity,
} from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

describe('pins and client certificates', () => {
  const servers: EtcdServer[] = [];
  after(() => Promise.all(servers.map((server) => server.stop())));

  async function serve(tls: Identity, clientAuthority?: Authority): Promise<string> {
    const server = await startEtcd({ tls, ...(clientAuthority && { clientAuthority }) });
    servers.push(server);
    return server.endpoint;
  }

  async function connect(endpoint: string, tls: TlsIdentity): Promise<void> {
    const { store, close } = await connectV3(settingsFor(endpoint, { tls }));
    try {
      await store.get(bytes('/a'));
    } finally {
      close();
    }
  }

  function pinsOf({ certPem }: Identity): [certificate: string, publicKey: string] {
    return certificatePins(new X509Certificate(certPem));
  }

  it('trusts a self-signed certificate by its pin alone, even one that names no host', async () => {
    const nameless = await selfSigned({ commonName: 'nameless' });
    const other = await selfSigned({ commonName: 'other', names: ['127.0.0.1'] });
    const endpoint = await serve(nameless);
    const [certificate, publicKey] = pinsOf(nameless);
    await connect(endpoint, { pins: [certificate] });
    await connect(endpoint, { pins: [publicKey] });
    await connect(endpoint, { pins: [pinsOf(other)[0], certificate] });
    await assert.rejects(connect(endpoint, { pins: [pinsOf(other)[0]] }), failsAs('pinMismatch'));
  });

  it('trusts a certificate by its pin, whatever the authorities beside it', async () => {
    const ours = await createAuthority('ours');
    const leaf = await ours.issue({ commonName: 'leaf', names: ['127.0.0.1'] });
    const renewed = await ours.issue({ commonName: 'renewed', names: ['127.0.0.1'] });
    const endpoint = await serve(leaf);
    const certificateAuthorities = [ours.certPem];
    await connect(endpoint, { pins: [pinsOf(leaf)[0]] });
    await connect(endpoint, { certificateAuthorities, pins: [pinsOf(leaf)[0]] });
    await assert.rejects(
      connect(endpoint, { certificateAuthorities, pins: [pinsOf(renewed)[0]] }),
      failsAs('pinMismatch'),
    );
    const stranger = await selfSigned({ commonName: 'stranger' });
    // The user has trusted exactly this certificate, whatever else is trusted.
    await connect(endpoint, { certificateAuthorities: [stranger.certPem], pins: [pinsOf(leaf)[0]] });
  });

  for (const transport of ['grpc', 'gateway'] as const)
    it(`shows a client certificate from a PKCS#12 archive, by ${transport}`, async () => {
      const ours = await createAuthority('ours', { rsa: true });
      const endpoint = await serve(await ours.issue({ commonName: 'etcd', names: ['127.0.0.1'] }), ours);
      const content = pkcs12(await ours.issue({ commonName: 'client', purposes: ['clientAuth'], rsa: true }), 'sesame');
      const archive = { name: 'client.p12', content };
      assert.throws(() => clientArchive(archive), failsAs('passphraseNeeded', /its passphrase is needed/));
      assert.throws(() => clientArchive(archive, 'wrong'), failsAs('passphraseNeeded', /does not open/));
      const tls = { certificateAuthorities: [ours.certPem], client: clientArchive(archive, 'sesame') };
      const { store, close } = await connectV3({ ...settingsFor(endpoint, { tls }), transport });
      await store.get(bytes('/a'));
      close();
    });

  it('shows a client certificate where the server demands one', async () => {
    const ours = await createAuthority('ours');
    const theirs = await createAuthority('theirs');
    const endpoint = await serve(await ours.issue({ commonName: 'etcd', names: ['127.0.0.1'] }), ours);
    const certificateAuthorities = [ours.certPem];
    const passphrase = 'open sesame';
    const good = await ours.issue({ commonName: 'client', purposes: ['clientAuth'] });
    const locked = await ours.issue({ commonName: 'client', purposes: ['clientAuth'], passphrase });
    const foreign = await theirs.issue({ commonName: 'client', purposes: ['clientAuth'] });
    const shown = ({ certPem, keyPem }: Identity) => ({ certificate: certPem, key: keyPem });
    await connect(endpoint, { certificateAuthorities, client: shown(good) });
    await connect(endpoint, { certificateAuthorities, client: { ...shown(locked), passphrase } });
    await assert.rejects(connect(endpoint, { certificateAuthorities }), failsAs('clientCertificateRefused'));
    await assert.rejects(
      connect(endpoint, { certificateAuthorities, client: shown(foreign) }),
      failsAs('clientCertificateRefused'),
    );
  });
});
