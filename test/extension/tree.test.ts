import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConfigurationTarget,
  MarkdownString,
  ThemeIcon,
  TreeItemCollapsibleState,
  workspace,
  type TreeItemLabel,
} from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import type { FolderNode, TreeNode } from '../../src/views/keys/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { until } from '../etcd/eventually.ts';
import { connectionServices } from './connectionServices.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

describe('the tree of keys', () => {
  let outside: Outside;
  let connections: Connections;
  let tree: KeyTree;

  before(async () => {
    outside = await Outside.connect();
  });
  after(async () => {
    outside.close();
    await setConnections();
    await workspace.getConfiguration().update('etcd.layouts', undefined, ConfigurationTarget.Global);
  });
  beforeEach(async () => {
    await setConnections({ name: 'tree', endpoints: [ENDPOINT] });
    connections = new Connections(connectionServices());
    tree = new KeyTree(connections);
  });
  afterEach(() => {
    tree.dispose();
    connections.dispose();
  });

  function labels(nodes: readonly TreeNode[]): string[] {
    return nodes.map((node) => {
      const label: string | TreeItemLabel | undefined = tree.getTreeItem(node).label;
      return `${node.kind} ${typeof label === 'string' ? label : ''}`;
    });
  }

  async function root(): Promise<TreeNode> {
    const [connection] = await tree.getChildren();
    assert.ok(connection);
    return connection;
  }

  /** Expands folder after folder by their labels. */
  async function expand(...path: readonly string[]): Promise<TreeNode[]> {
    let nodes = await wholeLevel(tree, await root());
    for (const name of path) {
      const folder = nodes.find((node) => node.kind === 'folder' && tree.getTreeItem(node).label === name);
      assert.ok(folder, `no folder ${name} among ${labels(nodes).join(', ')}`);
      nodes = await wholeLevel(tree, folder);
    }
    return nodes;
  }

  it('does not cancel what documents wait for when the user opens the connection meanwhile', async () => {
    const [connection] = connections.all;
    assert.ok(connection);
    const [background, interactive] = [connection.store('background'), connection.store('interactive')];
    assert.equal(await background, await interactive);
  });

  it('marks a connection as production and read-only', async () => {
    await setConnections({ name: 'tree', endpoints: [ENDPOINT], production: true, readOnly: true });
    const connection = await root();
    await tree.getChildren(connection);
    const item = tree.getTreeItem(connection);
    assert.equal(item.description, 'connected · production · read-only');
    assert.match(item.contextValue ?? '', /;readOnly\b/);
  });

  it('shows keys as a hierarchy, whatever their names are', async () => {
    await outside.put(
      ['/tree/odd/a', '1'],
      ['/tree/odd/a/b', '2'],
      ['/tree/odd/ab', '3'],
      ['/tree/odd//double', '4'],
      ['/tree/odd/', '5'],
      ['/tree/odd/tab\there', '6'],
      [Buffer.concat([bytes('/tree/odd/'), Uint8Array.of(0xff)]), '7'],
      ['treeless', '8'],
    );
    const nodes = await expand('/', 'tree', 'odd');
    assert.deepEqual(labels(nodes).toSorted(), [
      'folder (empty)',
      'folder a',
      'key (empty)',
      'key \\xff',
      'key a',
      'key ab',
      'key tab\\x09here',
    ]);
    assert.deepEqual(labels(await expand('/', 'tree', 'odd', 'a')), ['key b']);
    assert.deepEqual(labels(await expand('/', 'tree', 'odd', '(empty)')), ['key double']);
    assert.ok(labels(await expand()).includes('key treeless'));
    const ids = nodes.map((node) => tree.getTreeItem(node).id);
    assert.equal(new Set(ids).size, nodes.length);
  });

  it('appends the pages of a large level, and keeps them and their nodes when it is listed anew', async () => {
    const keys = Array.from({ length: 1200 }, (_, index) => `/tree/large/${String(index).padStart(4, '0')}`);
    await outside.put(...keys.map((key) => [key, 'x'] as const));
    const first = await expand('/', 'tree', 'large');
    assert.equal(first.length, 502);
    const more = first.at(-1);
    assert.ok(more?.kind === 'loadMore');
    const folder: FolderNode = more.parent;
    tree.loadMore(folder);
    const second = await wholeLevel(tree, folder);
    assert.equal(second.length, 1001);
    assert.equal(second[0], first[0]);
    await outside.put(['/tree/large/0000a', 'new']);
    tree.refreshFolder(folder);
    const again = await wholeLevel(tree, folder);
    assert.equal(again.length, 1001);
    assert.equal(again[0], first[0]);
    assert.deepEqual(labels(again.slice(1, 2)), ['key 0000a']);
    tree.loadMore(folder);
    const all = await wholeLevel(tree, folder);
    assert.equal(all.length, 1201);
    assert.ok(all.every(({ kind }) => kind === 'key'));
  });

  it('draws a folder again whose children it withheld, if nobody asks for them again', async () => {
    const connection = await root();
    await wholeLevel(tree, connection);
    const drawn: unknown[] = [];
    const listener = tree.onDidChangeTreeData((node) => drawn.push(node));
    /** VS Code draws the row while it waits for the row's children. */
    const isWithheld = async () => {
      const asked = tree.getChildren(connection);
      tree.getTreeItem(connection);
      assert.deepEqual(await asked, []);
    };
    try {
      await isWithheld();
      assert.notEqual((await tree.getChildren(connection)).length, 0);
      await delay(1000);
      assert.equal(drawn.length, 0);
      await isWithheld();
      await until(async () => drawn.includes(connection));
    } finally {
      listener.dispose();
    }
  });

  it('divides keys as the connection says, from its root on', async () => {
    await outside.put(
      ['!hierarchy:prod:db/port', '1'],
      ['!hierarchy:prod:db:host', '2'],
      ['!hierarchy:prod→eu', '3'],
      ['!hierarchyless', '4'],
    );
    const shown = async (more: object, ...path: string[]) => {
      await setConnections({ name: 'tree', endpoints: [ENDPOINT], ...more });
      return labels(await expand(...path));
    };
    assert.deepEqual(await shown({ separator: ':' }, '!hierarchy', 'prod'), ['key db/port', 'folder db']);
    assert.deepEqual(await shown({ separator: ['/', ':'] }, '!hierarchy:', 'prod:'), ['folder db/', 'folder db:']);
    assert.deepEqual(await shown({ separator: '→', root: '!hierarchy:prod' }), ['key eu']);
    assert.equal(tree.getTreeItem(await root()).description, 'connected · below !hierarchy:prod→');
    assert.deepEqual(await shown({ separator: ':', root: '!hierarchy:prod:' }), ['key db/port', 'folder db']);
    assert.deepEqual(
      await shown({ separator: '', root: '!hierarchy' }),
      ['key less', 'key :prod:db/port', 'key :prod:db:host', 'key :prod→eu'].toSorted(),
    );
  });

  it('finds no node outside the root, nor lists anything to look for it', async () => {
    await outside.put(['rooted:a:key', '1'], ['rooted:b', '2']);
    await setConnections({ name: 'tree', endpoints: [ENDPOINT], separator: ':', root: 'rooted:a' });
    const [connection] = connections.all;
    assert.ok(connection);
    assert.deepEqual(labels([await tree.find(connection, bytes('rooted:b'))]), ['connection tree']);
    assert.equal(connection.state.kind, 'idle');
    const found = await tree.find(connection, bytes('rooted:a:key'));
    assert.deepEqual(labels([found, tree.getParent(found) ?? found]), ['key key', 'connection tree']);
  });

  it('says in one sentence why a connection fails, does not try again by itself, and does on Retry', async () => {
    await setConnections({ name: 'tree', endpoints: ['http://127.0.0.1:1'] });
    const failing = await root();
    assert.deepEqual(labels(await tree.getChildren(failing)), [
      'message Nothing answers at 127.0.0.1:1 (connection refused). Check that etcd runs there and that the port is right.',
    ]);
    const [connection] = connections.all;
    assert.equal(connection?.state.kind, 'failed');
    assert.match(String(tree.getTreeItem(failing).description), /^failed/);
    assert.match(
      tree.getTreeItem((await tree.getChildren(failing))[0] ?? failing).contextValue ?? '',
      /^failure;refused/,
    );
    connection?.disconnect();
    assert.equal(connection?.state.kind, 'idle');
    assert.match(labels(await tree.getChildren(failing))[0] ?? '', /^message Nothing answers/);
  });

  it('follows the settings at once', async () => {
    assert.deepEqual(labels(await tree.getChildren()), ['connection tree']);
    await setConnections({ name: 'other', endpoints: [ENDPOINT] }, { name: 'tree', endpoints: [] });
    const nodes = await tree.getChildren();
    assert.deepEqual(labels(nodes), ['connection other', 'connection tree']);
    const [other, tree2] = nodes;
    assert.ok(other && tree2);
    assert.match(labels(await tree.getChildren(tree2))[0] ?? '', /message The connection tree has no endpoint/);
    assert.equal(tree.getTreeItem(other).collapsibleState, TreeItemCollapsibleState.Collapsed);
    await setConnections();
    assert.deepEqual(await tree.getChildren(), []);
  });

  it('finds the node of a path, and its parents', async () => {
    await outside.put(['/tree/find/deep/key', 'x']);
    const [connection] = connections.all;
    assert.ok(connection);
    const found = await tree.find(connection, bytes('/tree/find/deep/key'));
    assert.equal(labels([found])[0], 'key key');
    const chain = [];
    for (let node = tree.getParent(found); node; node = tree.getParent(node)) chain.push(...labels([node]));
    assert.deepEqual(chain, ['folder deep', 'folder find', 'folder tree', 'folder /', 'connection tree']);
    const near = await tree.find(connection, bytes('/tree/find/nothing'));
    assert.equal(labels([near])[0], 'folder find');
  });

  it('tells what etcd knows of a key when the pointer rests on it', async () => {
    await outside.put(['/tree/tooltip', 'five!']);
    const node = (await expand('/', 'tree')).find((each) => tree.getTreeItem(each).label === 'tooltip');
    assert.ok(node);
    const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(node), node, neverCancelled());
    const text = typeof tooltip === 'string' ? tooltip : (tooltip?.value ?? '');
    assert.match(text.replaceAll('&nbsp;', ' '), /Size.*5 bytes/);
  });

  it('tells kind, API version and encoding of a Kubernetes object', async () => {
    const widget = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}\n';
    // An envelope with the type, and an empty object.
    const configMap = Buffer.from('k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\0', 'latin1');
    await outside.put(['/tree/object/a', widget], ['/tree/object/b', configMap], ['/tree/object/c', 'k8s\0damaged']);
    const told: string[] = [];
    for (const node of await expand('/', 'tree', 'object')) {
      const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(node), node, neverCancelled());
      assert.ok(tooltip instanceof MarkdownString);
      told.push(tooltip.value.replaceAll('&nbsp;', ' ').replaceAll('\\', ''));
    }
    const [first = '', second = '', third = ''] = told;
    assert.match(first, /Kind.*Widget[^]*API version.*example.*com.*v1[^]*Encoding.*json[^]*Size/);
    assert.match(second, /Kind.*ConfigMap[^]*API version.*v1[^]*Encoding.*protobuf[^]*Size/);
    assert.match(third, /Size/);
    assert.doesNotMatch(third, /Kind/);
    await outside.deletePrefix('/tree/object/');
  });

  it('says what keys of well-known software are, unless that is turned off', async () => {
    await outside.put(['/service/tree-test/leader', 'pg](command:x)1'], ['/service/tree-test/config', '{}']);
    const described = async () =>
      (await expand('/', 'service', 'tree-test')).map((node) => {
        const { label, description, iconPath } = tree.getTreeItem(node);
        return [label, description, iconPath instanceof ThemeIcon && iconPath.id];
      });
    assert.deepEqual(await described(), [
      ['config', 'dynamic configuration', 'settings'],
      ['leader', 'leader lock', 'star-full'],
    ]);
    const leader = (await expand('/', 'service', 'tree-test')).at(-1);
    assert.ok(leader);
    const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(leader), leader, neverCancelled());
    assert.ok(tooltip instanceof MarkdownString);
    const links = tooltip.value.match(/\]\([^)]*\)/g);
    assert.deepEqual(links, ['](https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html)']);
    const redrawn = new Promise((resolve) => void tree.onDidChangeTreeData(resolve));
    await workspace.getConfiguration().update('etcd.layouts', false, ConfigurationTarget.Global);
    await redrawn;
    assert.deepEqual(await described(), [
      ['config', '', 'file'],
      ['leader', '', 'file'],
    ]);
    await outside.deletePrefix('/service/tree-test/');
  });
});

function neverCancelled() {
  return { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
}
