import assert from 'node:assert/strict';
import { effectiveRanges } from '../../../src/etcd/accounts/permissions.ts';
import { storeAsUser } from '../../../src/etcd/accounts/storeAsUser.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { keyText } from '../../../src/etcd/keys/keyText.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import { seed } from '../../../scripts/demo/seed.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';

const PASSWORD = 'correct-horse';
const KEYS = ['/app/a', '/app/b/c', '/app/b/d', '/team/x/1', '/team/x/2', '/team/y', '/other/z', '/single', 'plain'];

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`a store as another user of etcd ${version} sees it over ${transport}`, () => {
    let server: EtcdServer;
    let root: Awaited<ReturnType<typeof connectV3>>;
    let bob: Awaited<ReturnType<typeof connectV3>>;
    let viewed: KeyStore;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, auth: { rootPassword: PASSWORD } });
      const settings = { ...settingsFor(server.endpoint), transport };
      root = await connectV3(settings, { username: 'root', password: PASSWORD });
      const entries = KEYS.map((key) => ({ key, value: `value of ${key}` }));
      await seed(root.session, entries, () => undefined);
      const { accounts } = root;
      assert.ok(accounts);
      for (const args of [
        ['role', 'add', 'app'],
        ['role', 'add', 'some'],
        ['role', 'grant-permission', '--prefix', 'app', 'read', '/app/b/'],
        ['role', 'grant-permission', 'some', 'readwrite', '/single'],
        ['role', 'grant-permission', '--prefix', 'some', 'read', '/team/x'],
        ['role', 'grant-permission', '--prefix', 'some', 'write', '/other/'],
        ['user', 'add', `bob:${PASSWORD}`],
        ['user', 'grant-role', 'bob', 'app'],
        ['user', 'grant-role', 'bob', 'some'],
      ]) {
        const { code, stderr } = await server.etcdctl(args);
        assert.equal(code, 0, stderr);
      }
      bob = await connectV3(settings, { username: 'bob', password: PASSWORD });
      const { users, roles } = await (await accounts()).accounts();
      const user = users.find(({ name }) => name === 'bob') ?? assert.fail('no bob');
      viewed = storeAsUser(root.store, 'bob', effectiveRanges(user, roles, 'read'));
    });
    after(async () => {
      root?.close();
      bob?.close();
      await server?.stop();
    });

    async function children(store: KeyStore, prefix: string): Promise<string[]> {
      const page = await store
        .listChildren(bytes(prefix))
        .next(100)
        .catch((error: unknown) => {
          if (!EtcdError.is(error, 'permissionDenied')) throw error;
          return { children: [] };
        });
      return page.children.map(({ kind, path, keyCount }) => `${kind} ${keyText(path)} ${keyCount ?? ''}`);
    }

    it('lists what that user sees', async () => {
      for (const prefix of ['', '/', '/app/', '/app/b/', '/team/', '/team/x/', '/other/'])
        assert.deepEqual(await children(viewed, prefix), await children(bob.store, prefix), prefix);
      assert.deepEqual(
        (await children(viewed, '/')).map((child) => child.split(' ')[1]),
        ['/app/', '/single', '/team/'],
      );
    });

    it('reads, counts and scans what that user may read, and nothing else', async () => {
      const { kv } = await viewed.get(bytes('/single'));
      assert.equal(Buffer.from(kv?.value ?? []).toString(), 'value of /single');
      for (const key of ['/app/a', '/other/z', '/team/y', '/nothing']) {
        await assert.rejects(viewed.get(bytes(key)), /The etcd user bob may not read/);
        await assert.rejects(viewed.getMany([bytes('/single'), bytes(key)]), /The etcd user bob may not read/);
      }
      const everything = prefixRange(new Uint8Array());
      assert.equal((await viewed.count([everything])).keys, 5);
      assert.equal((await viewed.count([prefixRange(bytes('/other/'))])).keys, 0);
      const scanned: string[] = [];
      for await (const { kvs } of viewed.scan(everything, { values: true }))
        scanned.push(...kvs.map(({ key }) => keyText(key)));
      assert.deepEqual(scanned, ['/app/b/c', '/app/b/d', '/single', '/team/x/1', '/team/x/2']);
    });

    it('writes nothing, and reads no keys without checking them', async () => {
      await assert.rejects(viewed.put(bytes('/single'), bytes('x'), 'absent'), /read-only/);
      assert.equal(viewed.firstKeys, undefined);
    });
  });
}
