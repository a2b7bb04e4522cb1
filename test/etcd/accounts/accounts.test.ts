import assert from 'node:assert/strict';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import { enableProblem, whoMay } from '../../../src/etcd/accounts/permissions.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';

const ROOT: Credentials = { username: 'root', password: 'correct-horse' };

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`users and roles of etcd ${version} by ${transport}`, function () {
    this.timeout('1m');
    let server: EtcdServer;
    const open: OpenEtcd[] = [];

    before(async function () {
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version });
    });
    after(() => server?.stop());
    afterEach(() => {
      for (const { close } of open.splice(0)) close();
    });

    async function connect(credentials?: Credentials, readOnly = false) {
      const settings = { ...settingsFor(server.endpoint), api: 'v3', transport, readOnly } as const;
      const connection = await connectEtcd(settings, credentials);
      open.push(connection);
      const accounts = await connection.accounts?.();
      assert.ok(accounts);
      return { ...connection, admin: accounts };
    }

    it('are added, granted, and switched on once there is a root', async () => {
      const { admin } = await connect();
      const enabled = version === '3.4' ? undefined : false;
      assert.deepEqual(await admin.accounts(), { users: [], roles: [], isEnabled: enabled });
      await assert.rejects(admin.enable(), (error) => EtcdError.is(error) && error.message.includes('named root'));
      await admin.addUser('root', ROOT.password);
      await admin.addRole('root');
      assert.match(enableProblem(await admin.accounts()) ?? '', /does not have the role root/);
      await assert.rejects(admin.enable(), (error) => EtcdError.is(error) && error.message.includes('role root'));
      await admin.grantRole('root', 'root');
      await admin.addRole('app');
      await admin.grant('app', { access: 'read', range: prefixRange(bytes('/app/')) });
      await admin.grant('app', { access: 'write', range: singleKeyRange(bytes('/app/one')) });
      await admin.grant('app', { access: 'readwrite', range: { start: bytes('/z'), end: Uint8Array.of(0) } });
      // The same range again: this takes the place of what was there.
      await admin.grant('app', { access: 'readwrite', range: prefixRange(bytes('/app/')) });
      await admin.addUser('ann', 'first');
      await admin.addUser('by-certificate', undefined);
      await admin.grantRole('ann', 'app');
      await admin.enable();
    });

    it('are read by root as they are, and by nobody else', async () => {
      const { admin } = await connect(ROOT);
      const accounts = await admin.accounts();
      assert.equal(accounts.isEnabled, version === '3.4' ? undefined : true);
      assert.deepEqual(accounts.users, [
        { name: 'ann', roles: ['app'] },
        { name: 'by-certificate', roles: [] },
        { name: 'root', roles: ['root'] },
      ]);
      const app = accounts.roles.find(({ name }) => name === 'app');
      assert.deepEqual(
        new Set(app?.grants.map(({ access, range }) => `${access} ${Buffer.from(range.start).toString()}`)),
        new Set(['readwrite /app/', 'write /app/one', 'readwrite /z']),
      );
      assert.deepEqual(
        whoMay(accounts, 'write', singleKeyRange(bytes('/app/two'))).map(({ user }) => user),
        ['ann', 'root'],
      );
      const ann = await connect({ username: 'ann', password: 'first' });
      await assert.rejects(ann.admin.accounts(), (error) => EtcdError.is(error, 'permissionDenied'));
      await assert.rejects(ann.admin.addRole('mine'), (error) => EtcdError.is(error, 'permissionDenied'));
      await ann.store.put(bytes('/app/two'), bytes('hers'), 'absent');
    });

    it('change, and what etcd refuses is said in a sentence', async () => {
      const { admin } = await connect(ROOT);
      await admin.changePassword('ann', 'second');
      await assert.rejects(connect({ username: 'ann', password: 'first' }), (error) =>
        EtcdError.is(error, 'wrongPassword'),
      );
      await admin.revoke('app', prefixRange(bytes('/app/')));
      const ann = await connect({ username: 'ann', password: 'second' });
      await assert.rejects(ann.store.put(bytes('/app/three'), bytes('hers'), 'absent'), (error) =>
        EtcdError.is(error, 'permissionDenied'),
      );
      const refused = (sentence: string) => (error: unknown) => EtcdError.is(error) && error.message.includes(sentence);
      await assert.rejects(admin.revoke('app', prefixRange(bytes('/app/'))), refused('does not have this permission'));
      await assert.rejects(admin.addUser('ann', 'x'), refused('there is a user of this name'));
      await assert.rejects(admin.addRole('app'), refused('there is a role of this name'));
      await assert.rejects(admin.grantRole('ann', 'none'), refused('no role of this name'));
      await assert.rejects(admin.revokeRole('by-certificate', 'app'), refused('does not have this role'));
      await assert.rejects(admin.deleteUser('nobody'), refused('no user of this name'));
      await assert.rejects(admin.revokeRole('root', 'root'), refused('have to stay'));
      await assert.rejects(admin.deleteUser('root'), refused('have to stay'));
      await admin.revokeRole('ann', 'app');
      await admin.deleteUser('ann');
      await admin.deleteRole('app');
      const { users, roles } = await admin.accounts();
      assert.deepEqual(
        [users.map(({ name }) => name), roles.map(({ name }) => name)],
        [['by-certificate', 'root'], ['root']],
      );
    });

    it('stay as they are on a read-only connection', async () => {
      const { admin } = await connect(ROOT, true);
      const range = prefixRange(bytes('/'));
      const readOnly = (error: unknown) => EtcdError.is(error, 'readOnly');
      for (const change of [
        admin.addUser('x', 'x'),
        admin.changePassword('root', 'x'),
        admin.deleteUser('by-certificate'),
        admin.grantRole('by-certificate', 'root'),
        admin.revokeRole('root', 'root'),
        admin.addRole('x'),
        admin.deleteRole('root'),
        admin.grant('root', { access: 'read', range }),
        admin.revoke('root', range),
        admin.enable(),
        admin.disable(),
      ])
        await assert.rejects(change, readOnly);
      assert.equal((await admin.accounts()).users.length, 2);
    });

    it('are switched off', async () => {
      const { admin } = await connect(ROOT);
      await admin.disable();
      const anybody = await connect();
      await anybody.store.put(bytes('/anybody'), bytes('may'), 'absent');
    });
  });
}
