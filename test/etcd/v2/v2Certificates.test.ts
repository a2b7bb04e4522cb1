import assert from 'node:assert/strict';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { authority as createAuthority, type Authority } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ETCD_SERIES } from '../versions.ts';

const ROOT = { user: 'root', password: 'correct-horse' };

for (const version of ETCD_SERIES)
  describe(`a v2 user of etcd ${version} that its client certificate names`, () => {
    let ours: Authority;
    let server: EtcdServer;

    before(async function () {
      this.timeout('5m');
      ours = await createAuthority('ours');
      const tls = await ours.issue({ commonName: 'etcd', names: ['127.0.0.1'] });
      server = await startEtcd({ version, tls, clientAuthority: ours, extraArgs: ['--enable-v2=true'] });
      const admin = new HttpClient(settingsFor(server.endpoint, { tls: await identity('admin') }));
      const authorization = `Basic ${Buffer.from(`${ROOT.user}:${ROOT.password}`).toString('base64')}`;
      const noAccess = { kv: { read: ['/*'], write: ['/*'] } };
      for (const [path, body] of [
        ['keys/app/a?value=1', undefined],
        ['keys/other/b?value=2', undefined],
        ['auth/users/root', ROOT],
        ['auth/roles/reader', { role: 'reader', permissions: { kv: { read: ['/app*'], write: [] } } }],
        ['auth/users/reader', { user: 'reader', password: 'unused', roles: ['reader'] }],
        ['auth/enable', {}],
        ['auth/roles/guest', { role: 'guest', revoke: noAccess }],
      ] as const) {
        const { status } = await admin.send({
          method: 'PUT',
          path: `/v2/${path}`,
          ...(body && { body: JSON.stringify(body) }),
          headers: { authorization },
          repeatable: false,
        });
        assert.ok(status < 300, `${path}: HTTP ${status}`);
      }
      admin.close();
    });
    after(async () => {
      await server?.stop();
    });

    async function identity(commonName: string): Promise<TlsIdentity> {
      const { certPem, keyPem } = await ours.issue({ commonName, purposes: ['clientAuth'] });
      return { certificateAuthorities: [ours.certPem], client: { certificate: certPem, key: keyPem } };
    }

    it('reads what its roles grant, without a password', async () => {
      const { store, close } = await connectV2(settingsFor(server.endpoint, { tls: await identity('reader') }));
      assert.equal(text((await store.get(bytes('/app/a'))).kv?.value), '1');
      const { children } = await store.listChildren(bytes('/app/')).next(10);
      assert.deepEqual(
        children.map(({ name }) => text(name)),
        ['a'],
      );
      await assert.rejects(store.get(bytes('/other/b')), failsAs('signInNeeded'));
      close();
    });

    it('reads nothing if etcd does not know the name', async () => {
      await assert.rejects(async () => {
        const { store, close } = await connectV2(settingsFor(server.endpoint, { tls: await identity('nobody') }));
        try {
          await store.get(bytes('/app/a'));
        } finally {
          close();
        }
      }, failsAs('signInNeeded'));
    });
  });
