import assert from 'node:assert/strict';
import { EventEmitter } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { LiveFeeds } from '../../src/connections/following/liveFeeds.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import { LiveTree } from '../../src/views/following/liveTree.ts';
import type { FolderNode } from '../../src/views/keys/nodes.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { setConnections } from './settings.ts';

describe('the live tree of v2 keys', () => {
  let server: EtcdServer;
  let connections: Connections;
  let feeds: LiveFeeds;
  let tree: KeyTree;
  let live: LiveTree;

  before(async function () {
    this.timeout('5m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    await setConnections({ name: 'live-v2', endpoints: [server.endpoint], api: 'v2' });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    connections = new Connections({
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
    feeds = new LiveFeeds(connections);
    tree = new KeyTree(connections);
    const [expanded, collapsed, visibility] = [
      new EventEmitter<never>(),
      new EventEmitter<never>(),
      new EventEmitter<never>(),
    ];
    live = new LiveTree(
      tree,
      {
        visible: true,
        onDidExpandElement: expanded.event,
        onDidCollapseElement: collapsed.event,
        onDidChangeVisibility: visibility.event,
      },
      feeds,
    );
  });
  after(async () => {
    live.dispose();
    tree.dispose();
    feeds.dispose();
    connections.dispose();
    await setConnections();
    await server.stop();
  });

  async function call(method: string, path: string, value?: string): Promise<void> {
    const body = value === undefined ? null : new URLSearchParams({ value });
    const { ok } = await fetch(`${server.endpoint}/v2/keys${path}`, { method, body });
    assert.ok(ok, path);
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listeners = [tree.onDidChangeTreeData(() => resolve()), feeds.onDidChangeState(() => resolve())];
      await promise;
      for (const each of listeners) each.dispose();
    }
  }

  function names(folder: FolderNode): string[] {
    return folder.loaded.map(({ kind, name }) => `${kind} ${Buffer.from(name).toString()}`);
  }

  it('shows keys and directories that others create and delete, by long polls', async () => {
    await call('PUT', '/app/one', '1');
    const [root] = await tree.getChildren();
    assert.ok(root?.kind === 'connection');
    await tree.getChildren(root);
    const [slash] = root.root.loaded;
    assert.ok(slash?.kind === 'folder');
    await tree.getChildren(slash);
    const [app] = slash.loaded;
    assert.ok(app?.kind === 'folder');
    await tree.getChildren(app);
    await until(() => feeds.stateOf(root.connection) === 'polling');

    await call('PUT', '/app/two', '2');
    await call('PUT', '/app/sub/deep', '3');
    await call('PUT', '/app/empty?dir=true');
    await until(() => app.loaded.length === 4);
    assert.deepEqual(names(app), ['folder empty', 'key one', 'folder sub', 'key two']);
    await call('DELETE', '/app/sub?recursive=true');
    await call('DELETE', '/app/one');
    await until(() => app.loaded.length === 2);
    assert.deepEqual(names(app), ['folder empty', 'key two']);
    const expiring = () => app.loaded.filter(({ expires }) => expires !== undefined).length;
    await call('PUT', '/app/two?ttl=600', '2');
    await until(() => expiring() === 1);
    await call('PUT', '/app/two', '2');
    await until(() => expiring() === 0);
    await call('DELETE', '/app?recursive=true');
    await until(() => slash.loaded.length === 0);
  });
});
