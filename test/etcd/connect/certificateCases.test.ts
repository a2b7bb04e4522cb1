import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import {
  authority as createAuthority,
  selfSigned,
  type Authority,
  type CertificateOptions,
  type Identity,
} from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';

const HERE = { commonName: 'etcd', names: ['127.0.0.1'] };
const DAY = 86_400_000;

for (const transport of ['grpc', 'gateway'] as const) {
  describe(`servers' certificates, by ${transport}`, () => {
    const servers: EtcdServer[] = [];
    let root: Authority;
    let between: Authority;
    let stranger: Identity;

    before(async () => {
      root = await createAuthority('root');
      between = await root.intermediate('between');
      stranger = await selfSigned({ commonName: 'stranger' });
    });
    after(() => Promise.all(servers.map((server) => server.stop())));

    async function serve(tls: Identity, clientAuthority?: Authority): Promise<string> {
      const server = await startEtcd({ tls, ...(clientAuthority && { clientAuthority }) });
      servers.push(server);
      return server.endpoint;
    }

    /** Returns `ok`, or the kind of the failure. */
    async function outcome(endpoint: string, tls: TlsIdentity): Promise<string> {
      try {
        const { store, close } = await connectV3({ ...settingsFor(endpoint, { tls }), transport });
        await store.get(bytes('/a'));
        close();
        return 'ok';
      } catch (error) {
        assert.ok(EtcdError.is(error), String(error));
        return error.kind;
      }
    }

    const trusting = (...trusted: readonly { certPem: string }[]): TlsIdentity =>
      trusted.length > 0 ? { certificateAuthorities: trusted.map(({ certPem }) => certPem) } : {};

    it('that sign themselves are trusted when they are given, whether marked as an authority or not', async () => {
      for (const isAuthority of [true, false]) {
        const own = await selfSigned({ ...HERE, isAuthority });
        const endpoint = await serve(own);
        assert.equal(await outcome(endpoint, trusting(own)), 'ok');
        assert.equal(await outcome(endpoint, trusting(stranger, own)), 'ok');
        assert.equal(await outcome(endpoint, trusting(stranger)), 'unknownAuthority');
        assert.equal(await outcome(endpoint, trusting()), 'unknownAuthority');
      }
    });

    it('of a private authority are trusted by that authority', async () => {
      const leaf = await root.issue(HERE);
      const endpoint = await serve(leaf);
      assert.equal(await outcome(endpoint, trusting(root)), 'ok');
      assert.equal(await outcome(endpoint, trusting(stranger, root)), 'ok');
      assert.equal(await outcome(endpoint, trusting(stranger)), 'unknownAuthority');
      assert.equal(await outcome(endpoint, trusting()), 'unknownAuthority');
    });

    it('are trusted by themselves if just they are given, as curl does, for the host that they name', async () => {
      const leaf = await root.issue(HERE);
      assert.equal(await outcome(await serve(leaf), trusting(leaf)), 'ok');
      assert.equal(await outcome(await serve(await root.issue(HERE)), trusting(leaf)), 'unknownAuthority');
      const elsewhere = await root.issue({ commonName: 'etcd', names: ['etcd.example'] });
      assert.equal(await outcome(await serve(elsewhere), trusting(elsewhere)), 'wrongHostName');
    });

    it('of an authority in between are trusted by it alone, or by its chain, sent or given', async () => {
      const leaf = await between.issue(HERE);
      const [leafAlone = ''] = leaf.certPem.split(/(?<=-----END CERTIFICATE-----\n)/);
      const alone = await serve({ ...leaf, certPem: leafAlone });
      assert.equal(await outcome(alone, trusting(root)), 'unknownAuthority');
      const [betweenAlone = ''] = between.certPem.split(/(?<=-----END CERTIFICATE-----\n)/);
      assert.equal(await outcome(alone, trusting({ certPem: betweenAlone })), 'ok');
      assert.equal(await outcome(alone, trusting(root, between)), 'ok');
      const sent = await serve(leaf);
      assert.equal(await outcome(sent, trusting(root)), 'ok');
      assert.equal(await outcome(sent, trusting()), 'unknownAuthority');
      const whole = await serve({ ...leaf, certPem: leaf.certPem + root.certPem });
      assert.equal(await outcome(whole, trusting(root)), 'ok');
      assert.equal(await outcome(whole, trusting()), 'unknownAuthority');
    });

    it('must be for the name that is asked for', async () => {
      const elsewhere = await root.issue({ commonName: 'etcd', names: ['etcd.example'] });
      const endpoint = await serve(elsewhere);
      assert.equal(await outcome(endpoint, trusting(root)), 'wrongHostName');
      assert.equal(await outcome(endpoint, { ...trusting(root), serverName: 'etcd.example' }), 'ok');
      const named = await selfSigned({ commonName: 'localhost' });
      const byCommonName = await serve(named);
      assert.equal(await outcome(byCommonName, trusting(named)), 'wrongHostName');
      assert.equal(await outcome(byCommonName.replace('127.0.0.1', 'localhost'), trusting(named)), 'ok');
    });

    it('must be valid today', async () => {
      const past = await selfSigned({ ...HERE, notBefore: new Date(0), notAfter: new Date(Date.now() - DAY) });
      assert.equal(await outcome(await serve(past), trusting(past)), 'certificateExpired');
      const future = await selfSigned({ ...HERE, notBefore: new Date(Date.now() + DAY) });
      assert.equal(await outcome(await serve(future), trusting(future)), 'certificateExpired');
    });

    it('that demand a certificate of the client refuse a wrong one', async () => {
      const endpoint = await serve(await root.issue(HERE), root);
      const shown = async (issuer: Authority, options: Partial<CertificateOptions> = {}) => {
        const { certPem, keyPem } = await issuer.issue({ commonName: 'client', purposes: ['clientAuth'], ...options });
        return { ...trusting(root), client: { certificate: certPem, key: keyPem } };
      };
      assert.equal(await outcome(endpoint, await shown(root)), 'ok');
      assert.equal(await outcome(endpoint, await shown(between)), 'ok');
      const refused = [
        trusting(root),
        await shown(await createAuthority('another')),
        await shown(root, { purposes: ['serverAuth'] }),
        await shown(root, { notBefore: new Date(0), notAfter: new Date(Date.now() - DAY) }),
      ];
      for (const tls of refused) assert.equal(await outcome(endpoint, tls), 'clientCertificateRefused');
    });
  });
}
