import assert from 'node:assert/strict';
import { TabInputTextDiff, Uri, window, workspace } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import type { ConnectionSettings } from '../../src/connections/settings/connectionProfile.ts';
import { LeaseKeeper } from '../../src/connections/following/leaseKeeper.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { keyUriParts } from '../../src/documents/addresses/keyUri.ts';
import { PendingWrites } from '../../src/documents/keyFile/pendingWrites.ts';
import { bytes } from '../etcd/connecting.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { until } from '../etcd/eventually.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';

const PROD: ConnectionSettings = { name: 'prod', endpoints: [ENDPOINT] };

describe('rules of a connection, for whoever writes', () => {
  let outside: Outside;
  let connections: Connections;

  before(async () => {
    outside = await Outside.connect();
  });
  beforeEach(async () => {
    await setConnections(PROD);
    connections = new Connections({
      credentials: new CredentialStore(new MemorySecrets(), new MemoryState(), ''),
      consents: new Consents(new MemoryState(), new MemoryState()),
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
  });
  afterEach(() => connections.dispose());
  after(async () => {
    await setConnections();
    outside.close();
  });

  it('refuses a store of a connection whose settings changed; its successor has the new rules', async () => {
    const kept = connections.require('prod');
    const store = await kept.store('interactive');
    await setConnections({ ...PROD, readOnly: true });
    const now = connections.current(kept);
    assert.notEqual(now, kept);
    await assert.rejects(kept.store('interactive'), failsAs('configuration', /prod was removed or changed/));
    await assert.rejects(kept.writingStore(undefined), failsAs('configuration'));
    await assert.rejects(store.put(bytes('/ended'), bytes('x'), 'absent'));
    const write = (await now.writingStore(undefined)).put(bytes('/ended'), bytes('x'), 'absent');
    await assert.rejects(write, failsAs('readOnly'));
    assert.equal(await outside.value('/ended'), undefined);
  });

  it('takes nothing that was kept to other endpoints, or to a connection that is not there any more', async () => {
    const kept = connections.require('prod');
    await setConnections({ ...PROD, endpoints: ['http://127.0.0.1:1'] });
    assert.throws(() => connections.current(kept), failsAs('configuration', /different endpoints/));
    await setConnections();
    assert.throws(() => connections.current(kept), failsAs('configuration', /have no connection "prod"/));
  });

  it('stops keeping a lease alive once its connection is removed or read-only', async () => {
    const keeper = new LeaseKeeper(connections, 'etcd.showKeptLeases');
    for (const settings of [[{ ...PROD, readOnly: true }], []]) {
      await setConnections(PROD);
      const connection = connections.require('prod');
      const { leases } = await connection.store('interactive');
      assert.ok(leases);
      await keeper.keep(connection, await leases.grant(60));
      assert.equal(keeper.all.length, 1);
      await setConnections(...settings);
      await until(async () => keeper.all.length === 0);
    }
    keeper.dispose();
  });

  it('writes to production only with an answer', async () => {
    await setConnections({ ...PROD, production: true });
    const prod = connections.require('prod');
    await assert.rejects(
      (await prod.store('interactive')).put(bytes('/unasked'), bytes('x'), 'absent'),
      failsAs('notConfirmed'),
    );
    await assert.rejects(
      (await prod.writingStore(undefined)).put(bytes('/unasked'), bytes('x'), 'absent'),
      failsAs('notConfirmed'),
    );
    assert.equal(await outside.value('/unasked'), undefined);
  });

  it('operates a cluster and its accounts in production only with an answer, and never if it is read-only', async () => {
    const refusals = [
      [{ ...PROD, production: true }, 'notConfirmed'],
      [{ ...PROD, readOnly: true }, 'readOnly'],
    ] as const;
    for (const [settings, kind] of refusals) {
      await setConnections(settings);
      const prod = connections.require('prod');
      const [cluster, accounts] = [await prod.cluster(), await prod.accounts()];
      await assert.rejects(cluster.compact(1n, false), failsAs(kind));
      await assert.rejects(accounts.addRole('unasked'), failsAs(kind));
      assert.equal((await cluster.state()).members.length, 1);
      const { roles } = await accounts.accounts();
      assert.ok(roles.every(({ name }) => name !== 'unasked'));
    }
  });

  it('asks before another extension writes or copies to production', async () => {
    await outside.put(['/by-agent', 'before']);
    await setConnections({ ...PROD, production: true });
    const uriOf = (key: string) => Uri.from(keyUriParts({ connectionId: 'prod', key: bytes(key) }));
    const [uri, copy] = [uriOf('/by-agent'), uriOf('/by-agent-copy')];
    await workspace.fs.readFile(uri);
    // VS Code shows no dialog in tests of the extension host, and reports what it would have asked.
    await assert.rejects(async () => await workspace.fs.writeFile(uri, bytes('after')), /write \/by-agent to prod\?/);
    await assert.rejects(async () => await workspace.fs.copy(uri, copy), /write \/by-agent-copy to prod\?/);
    assert.equal(await outside.value('/by-agent'), 'before');
    assert.equal(await outside.value('/by-agent-copy'), undefined);
    await setConnections({ ...PROD, production: true, confirmSave: false });
    await workspace.fs.readFile(uri);
    await workspace.fs.writeFile(uri, bytes('after'));
    assert.equal(await outside.value('/by-agent'), 'after');
  });

  it('shows both sides of such a write, bytes as hex dumps', async () => {
    const pending = new PendingWrites();
    const address = { connectionId: 'prod', key: bytes('/by-agent') };
    const texts = async (before: Uint8Array | undefined, after: Uint8Array) => {
      const left = await pending.show(address, before, after);
      const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
      const inputs = tabs.map(({ input }) => input).filter((input) => input instanceof TabInputTextDiff);
      const input = inputs.find(({ original }) => original.toString() === left.toString());
      assert.ok(input);
      const documents = await Promise.all(
        [input.original, input.modified].map((uri) => workspace.openTextDocument(uri)),
      );
      return documents.map((document) => document.getText());
    };
    assert.deepEqual(await texts(bytes('a\n'), bytes('b\n')), ['a\n', 'b\n']);
    assert.deepEqual(await texts(undefined, bytes('new')), ['', 'new']);
    const [left, right] = await texts(bytes('a'), Uint8Array.of(0xff));
    assert.match(left ?? '', /61/);
    assert.match(right ?? '', /ff/i);
    pending.dispose();
  });
});
