import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { Leases } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { deletions } from '../../../src/etcd/past/deletions.ts';
import { keptRevisions } from '../../../src/etcd/past/compaction.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';

const PASSWORD = 'correct-horse';
const LACKS = (deed: string, what: string) =>
  `The etcd user ann may ${deed} ${what}: no role grants that (its roles: app, extra).`;
const ONLY_ROOT = 'etcd permits this only to users with the role root.';

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`what etcd ${version} denies by ${transport}`, function () {
    this.timeout('2m');
    let server: EtcdServer;
    const opened: OpenEtcd[] = [];

    before(async function () {
      await skipIfUnavailable(this, version);
      server = await startEtcd({ version, auth: { rootPassword: PASSWORD } });
      const grant = ['role', 'grant-permission'];
      for (const args of [
        ['role', 'add', 'app'],
        ['role', 'add', 'extra'],
        [...grant, 'app', 'readwrite', '--prefix', '/app/'],
        [...grant, 'app', 'read', '--prefix', '/shared/'],
        [...grant, 'extra', 'write', '--prefix', '/drop/'],
        ['user', 'add', `ann:${PASSWORD}`],
        ['user', 'grant-role', 'ann', 'app'],
        ['user', 'grant-role', 'ann', 'extra'],
        ['user', 'add', `bare:${PASSWORD}`],
        ['put', '/shared/one', 'kept'],
      ]) {
        const { code, stderr } = await server.etcdctl(args);
        assert.equal(code, 0, stderr);
      }
    });
    after(() => server?.stop());
    afterEach(() => {
      for (const { close } of opened.splice(0)) close();
    });

    async function open(username = 'ann'): Promise<OpenEtcd & { readonly leases: Leases }> {
      const settings = { ...settingsFor(server.endpoint), api: 'v3', transport } as const;
      const connection = await connectEtcd(settings, { username, password: PASSWORD });
      opened.push(connection);
      const { leases } = connection.store;
      assert.ok(leases);
      return { ...connection, leases };
    }

    async function denied(work: Promise<unknown>, message: string): Promise<void> {
      await assert.rejects(work, (error) => {
        assert.ok(EtcdError.is(error, 'permissionDenied') && error.notCarriedOut, String(error));
        assert.equal(error.message, message);
        return true;
      });
    }

    async function all(pages: AsyncIterable<unknown>): Promise<void> {
      for await (const _ of pages);
    }

    it('leaves to a user all that is kept of the past, also where it has no key', async () => {
      const [ann, root] = [await open(), await open('root')];
      const prefix = prefixRange(bytes('/app/'));
      for (const name of ['one', 'other']) await ann.store.put(bytes(`/app/${name}`), bytes('x'), 'absent');
      await ann.store.delete([prefix]);
      assert.deepEqual(await keptRevisions(ann.store), await keptRevisions(root.store));
      const deleted: string[] = [];
      for await (const { changes } of deletions(ann.store, prefix))
        deleted.push(...changes.filter((change) => change.deleted).flatMap(({ key }) => text(key) ?? []));
      assert.deepEqual(deleted.toSorted(), ['/app/one', '/app/other']);
      await assert.rejects(keptRevisions((await open('bare')).store), failsAs('permissionDenied'));
    });

    it('names the permission that a save lacks', async () => {
      const { store } = await open();
      const put = (key: string) => store.put(bytes(key), bytes('new'), 'absent');
      await denied(put('/shared/x'), LACKS('not write', 'the key /shared/x'));
      await denied(put('/drop/x'), LACKS('not read', 'the key /drop/x'));
      await denied(put('/else'), LACKS('neither read nor write', 'the key /else'));
      assert.equal((await put('/app/x')).outcome, 'written');
    });

    it('names the permission that a read lacks', async () => {
      const { store } = await open();
      const range = prefixRange(bytes('/else/'));
      await denied(store.get(bytes('/else')), LACKS('not read', 'the key /else'));
      await denied(store.getMany([bytes('/app/x'), bytes('/else')]), LACKS('not read', 'the key /else'));
      await denied(store.count([range]), LACKS('not read', 'what begins with /else/'));
      if (store.firstKeys) await denied(store.firstKeys(range, 1), LACKS('not read', 'what begins with /else/'));
    });

    it('names the permission that a deletion lacks', async () => {
      const { store } = await open();
      const range = prefixRange(bytes('/shared/'));
      await denied(store.delete([range]), LACKS('not write', 'what begins with /shared/'));
      await denied(store.delete([range], { previous: true }), LACKS('not write', 'what begins with /shared/'));
      assert.equal((await store.count([range])).keys, 1);
    });

    it('names all permissions that a transaction lacks', async () => {
      const { store } = await open();
      const put = (key: string) => ({ kind: 'put', key: bytes(key), value: bytes('new'), expected: 'absent' }) as const;
      const check = { kind: 'check', key: bytes('/else'), expected: 'absent' } as const;
      const both = [LACKS('not read', 'the key /else'), LACKS('not write', 'the key /shared/two')];
      await denied(store.transact([put('/app/two'), put('/shared/two'), check]), both.join(' '));
      assert.equal((await store.get(bytes('/app/two'))).kv, undefined);
    });

    it('names the permission that following lacks', async function () {
      const { store } = await open();
      if (store.capabilities.following !== 'watch') this.skip();
      const range = prefixRange(bytes('/else/'));
      const watch = store.watch(range, { signal: new AbortController().signal });
      await assert.rejects(
        all(watch),
        (error) => EtcdError.is(error) && error.message === LACKS('not read', 'what begins with /else/'),
      );
    });

    it('names the permission that revoking a lease lacks', async () => {
      const root = await open('root');
      const lease = await root.leases.grant(600);
      await root.store.put(bytes('/shared/leased'), bytes('x'), 'absent', { lifetime: { lease } });
      const { store, leases } = await open();
      await denied(leases.revoke(lease), LACKS('not write', 'the key /shared/leased'));
      assert.ok((await store.get(bytes('/shared/leased'))).kv);
      await root.leases.revoke(lease);
    });

    it('says so to a user without a role', async () => {
      const { store } = await open('bare');
      const range = prefixRange(bytes('/app/'));
      const nothing = 'no role grants that (it has no role).';
      await denied(all(store.scan(range)), `The etcd user bare may not read what begins with /app/: ${nothing}`);
      await denied(
        store.put(bytes('/app/y'), bytes('y'), 'absent'),
        `The etcd user bare may neither read nor write the key /app/y: ${nothing}`,
      );
      await assert.rejects(
        store.listChildren(bytes('/app/')).next(10),
        (error) => EtcdError.is(error, 'permissionDenied') && error.message.includes('none of its roles grants that'),
      );
    });

    it('says what takes the role root', async () => {
      const { cluster, accounts } = await open();
      const admin = (await cluster?.()) ?? assert.fail();
      const [member] = (await admin.state()).members;
      assert.ok(member);
      await denied(admin.defragment(member), ONLY_ROOT);
      await denied(
        admin.saveSnapshot(member, join(server.dataDir, 'denied.db'), () => undefined),
        ONLY_ROOT,
      );
      const users = (await accounts?.()) ?? assert.fail();
      await denied(users.addUser('mallory', 'x'), ONLY_ROOT);
      await denied(users.accounts(), ONLY_ROOT);
    });
  });
}
