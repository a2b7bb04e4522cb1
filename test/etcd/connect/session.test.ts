import assert from 'node:assert/strict';
import type { RequestLogEntry } from '../../../src/etcd/http/httpClient.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { enableAuth, startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const PASSWORD = 'correct-horse';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`signing in to etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, auth: { rootPassword: PASSWORD } });
    });
    after(() => server?.stop());

    async function connect(username: string, password: string) {
      const requests: RequestLogEntry[] = [];
      const settings = { ...settingsFor(server.endpoint, { log: (entry) => requests.push(entry) }), transport };
      const connection = await connectV3(settings, { username, password });
      const signIns = () => requests.filter(({ path }) => /auth\/authenticate$/i.test(path)).length;
      return { ...connection, signIns };
    }

    async function setPassword(username: string, password: string) {
      const result = await server.etcdctl(['user', 'passwd', username, '--interactive=false'], {
        input: `${password}\n`,
      });
      assert.equal(result.code, 0, result.stderr);
    }

    it('refuses a wrong password and an unknown user', async () => {
      await assert.rejects(connect('root', 'wrong'), failsAs('wrongPassword'));
      await assert.rejects(connect('nobody', PASSWORD), failsAs('wrongPassword'));
    });

    it('says that a user is needed when none is given', async () => {
      const { store, close } = await connectV3({ ...settingsFor(server.endpoint), transport });
      await assert.rejects(store.get(bytes('/a')), failsAs('signInNeeded'));
      close();
    });

    it('signs in once for many requests, and once more when etcd has dropped the token', async () => {
      const { store, close, signIns } = await connect('root', PASSWORD);
      const readMany = () => Promise.all(Array.from({ length: 20 }, () => store.get(bytes('/a'))));
      await readMany();
      assert.equal(signIns(), 1);
      await setPassword('root', PASSWORD);
      await readMany();
      assert.equal(signIns(), 2);
      close();
    });

    it('reports a password that was changed meanwhile', async () => {
      await server.etcdctl(['user', 'add', 'changing', '--interactive=false'], { input: 'old\n' });
      await server.etcdctl(['user', 'grant-role', 'changing', 'root']);
      const { store, close } = await connect('changing', 'old');
      await store.get(bytes('/a'));
      await setPassword('changing', 'new');
      await assert.rejects(store.get(bytes('/a')), failsAs('wrongPassword'));
      close();
    });

    it('says what a user may not do, and lets it do what it may', async () => {
      await server.etcdctl(['user', 'add', 'limited', '--interactive=false'], { input: 'secret\n' });
      await server.etcdctl(['role', 'add', 'reader']);
      await server.etcdctl(['role', 'grant-permission', 'reader', 'read', '/app/', '--prefix']);
      await server.etcdctl(['user', 'grant-role', 'limited', 'reader']);
      const { store, close } = await connect('limited', 'secret');
      await store.get(bytes('/app/x'));
      await assert.rejects(store.get(bytes('/other')), failsAs('permissionDenied'));
      await assert.rejects(store.put(bytes('/app/x'), bytes('1'), 'absent'), failsAs('permissionDenied'));
      close();
    });

    it('lists what a restricted user may read, and explains where it may read nothing', async () => {
      await server.etcdctl(['user', 'add', 'parts', '--interactive=false'], { input: 'secret\n' });
      await server.etcdctl(['user', 'add', 'nothing', '--interactive=false'], { input: 'secret\n' });
      await server.etcdctl(['role', 'add', 'parts']);
      await server.etcdctl(['role', 'grant-permission', 'parts', 'read', '/parts/a/', '--prefix']);
      await server.etcdctl(['role', 'grant-permission', 'parts', 'readwrite', '/parts/single']);
      await server.etcdctl(['role', 'grant-permission', 'parts', 'write', '/parts/write-only/', '--prefix']);
      await server.etcdctl(['user', 'grant-role', 'parts', 'parts']);
      for (const key of ['/parts/a/1', '/parts/a/2', '/parts/b/1', '/parts/single', '/parts/write-only/1'])
        await server.etcdctl(['put', key, 'x']);
      const { store, close } = await connect('parts', 'secret');
      const names = async (prefix: string) => {
        const { children } = await store.listChildren(bytes(prefix)).next(100);
        return children.map(({ kind, path }) => `${kind} ${text(path)}`);
      };
      assert.deepEqual(await names(''), ['folder /']);
      assert.deepEqual(await names('/parts/'), ['folder /parts/a/', 'key /parts/single']);
      assert.deepEqual(await names('/parts/a/'), ['key /parts/a/1', 'key /parts/a/2']);
      await assert.rejects(names('/parts/b/'), failsAs('permissionDenied', /\/parts\/a\/, \/parts\/single/));
      close();
      const poor = await connect('nothing', 'secret');
      await assert.rejects(poor.store.listChildren(bytes('')).next(1), failsAs('permissionDenied', /not read any key/));
      poor.close();
    });

    it('signs in where authentication is switched on while it is connected', async () => {
      const open = await startEtcd({ version });
      const credentials = { username: 'root', password: PASSWORD };
      const { store, close } = await connectV3({ ...settingsFor(open.endpoint), transport }, credentials);
      try {
        assert.equal((await store.put(bytes('/a'), bytes('1'), 'absent')).outcome, 'written');
        await enableAuth((args, more) => open.etcdctl(args, more), PASSWORD);
        const { kv } = await store.get(bytes('/a'));
        assert.ok(kv);
        assert.equal((await store.put(bytes('/a'), bytes('2'), kv)).outcome, 'written');
      } finally {
        close();
        await open.stop();
      }
    });

    it('ignores a user name where authentication is off', async () => {
      const open = await startEtcd({ version });
      const { store, close } = await connectV3(
        { ...settingsFor(open.endpoint), transport },
        { username: 'root', password: 'any' },
      );
      assert.equal((await store.put(bytes('/a'), bytes('1'), 'absent')).outcome, 'written');
      close();
      await open.stop();
    });
  });
}
