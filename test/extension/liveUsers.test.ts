import assert from 'node:assert/strict';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { bytes, settingsFor } from '../etcd/connecting.ts';
import { VERSIONS_AND_TRANSPORTS } from '../etcd/versions.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { FollowedTree } from './followedTree.ts';
import { Gate } from './gate.ts';
import { setConnections } from './settings.ts';

const PASSWORD = 'correct-horse';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`the live tree of a user who may read only some keys of etcd ${version} over ${transport}`, () => {
    let server: EtcdServer;
    let outside: { readonly store: KeyStore; close(): void };
    let gate: Gate;
    let followed: FollowedTree;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, auth: { rootPassword: PASSWORD } });
      await etcdctl('user', 'add', 'partly', '--interactive=false');
      await etcdctl('role', 'add', 'partly');
      await etcdctl('user', 'grant-role', 'partly', 'partly');
      outside = await connectV3(settingsFor(server.endpoint), { username: 'root', password: PASSWORD });
    });
    after(async () => {
      await setConnections();
      outside?.close();
      await server?.stop();
    });
    beforeEach(async () => {
      await etcdctl('del', '/f/', '--prefix');
      await etcdctl('role', 'grant-permission', 'partly', 'read', '/f/readable/', '--prefix');
      await etcdctl('role', 'grant-permission', 'partly', 'read', '/f/one');
      for (const key of ['/f/one', '/f/readable/1', '/f/secret/1']) await put(key);
      gate = await Gate.open(server.endpoint);
      await setConnections({ name: 'partly', endpoints: [gate.endpoint], username: 'partly', transport });
      followed = new FollowedTree();
      const { connection } = await followed.root();
      await followed.credentials.set(await connection.credentialScope(), { username: 'partly', password: PASSWORD });
    });
    afterEach(async () => {
      followed.dispose();
      await gate.close();
    });

    async function etcdctl(...args: readonly string[]): Promise<void> {
      const { code, stderr } = await server.etcdctl(args, { input: `${PASSWORD}\n` });
      assert.equal(code, 0, stderr);
    }

    async function put(key: string): Promise<void> {
      const { kv } = await outside.store.get(bytes(key));
      await outside.store.put(bytes(key), bytes('x'), kv ?? 'absent');
    }

    it('is told what happens to these, without being asked again and again', async () => {
      const states: string[] = [];
      followed.feeds.onDidChangeState((connection) => states.push(followed.feeds.stateOf(connection)));
      const folder = await followed.expand('/', 'f');
      assert.deepEqual(followed.rows(folder), ['one', 'readable 1']);
      await put('/f/secret/2');
      await put('/f/readable/2');
      await followed.until(() => followed.rows(folder).includes('readable 2'));
      await outside.store.delete([{ start: bytes('/f/one'), end: bytes('/f/one\0') }]);
      await followed.until(() => folder.loaded.length === 1);
      await gate.cut();
      await put('/f/one');
      await put('/f/secret/3');
      await gate.restore();
      await followed.until(() => folder.loaded.length === 2);
      assert.deepEqual(followed.rows(folder), ['one', 'readable 2']);
      assert.ok(!states.includes('polling'), String(states));
    });

    it('is asked for again and again once a watch is refused', async () => {
      const folder = await followed.expand('/', 'f');
      await put('/f/readable/2');
      await followed.until(() => followed.rows(folder).includes('readable 2'));
      await etcdctl('role', 'revoke-permission', 'partly', '/f/one');
      await gate.cut();
      await followed.untilState(folder, 'interrupted');
      await gate.restore();
      await followed.untilState(folder, 'polling');
      await put('/f/readable/3');
      await put('/f/secret/2');
      await followed.until(() => followed.rows(folder).includes('readable 3'));
      assert.deepEqual(followed.rows(folder), ['readable 3']);
      assert.equal(followed.feeds.stateOf(folder.connection), 'polling');
    });
  });
}
