import assert from 'node:assert/strict';
import { commands, FilePermission, Uri, window, workspace, type MarkdownString } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { keyUriParts } from '../../src/documents/addresses/keyUri.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import type { TreeNode } from '../../src/views/keys/nodes.ts';
import { bytes } from '../etcd/connecting.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { until } from '../etcd/eventually.ts';
import { connectionServices } from './connectionServices.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

const NAME = 'locking';

describe('read-only keys of a connection', () => {
  let outside: Outside;
  let connections: Connections;
  let tree: KeyTree;

  before(async () => {
    outside = await Outside.connect();
    await outside.put(['/locking/safe/key', '1'], ['/locking/safe/deep/key', '2'], ['/locking/free', '3']);
  });
  after(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await setConnections();
    outside.close();
  });
  beforeEach(async () => {
    await lock(['/locking/safe/**']);
    connections = new Connections(connectionServices());
    tree = new KeyTree(connections);
  });
  afterEach(() => {
    tree.dispose();
    connections.dispose();
  });

  async function lock(readOnly: readonly string[] | boolean | string): Promise<void> {
    // What is wrong with the settings is part of the test.
    await setConnections({ name: NAME, endpoints: [ENDPOINT], readOnly: readOnly as readonly string[] });
  }

  async function level(...path: readonly string[]): Promise<TreeNode[]> {
    const [connection] = await tree.getChildren();
    assert.ok(connection);
    let nodes = await wholeLevel(tree, connection);
    for (const name of path) nodes = await wholeLevel(tree, rowOf(nodes, name));
    return nodes;
  }

  function rowOf(nodes: readonly TreeNode[], name: string): TreeNode {
    return nodes.find((node) => tree.getTreeItem(node).label === name) ?? assert.fail(`no ${name}`);
  }

  it('are marked in the tree, and so are folders of nothing else', async () => {
    const nodes = await level('/', 'locking');
    const isLocked = (node: TreeNode) => /;readOnly\b/.test(tree.getTreeItem(node).contextValue ?? '');
    assert.equal(isLocked(rowOf(nodes, 'free')), false);
    assert.equal(isLocked(rowOf(nodes, 'safe')), true);
    assert.equal(isLocked(rowOf(await level('/'), 'locking')), false);
    const inside = await level('/', 'locking', 'safe');
    assert.deepEqual(inside.map(isLocked), [true, true]);
    for (const [node, text] of [
      [rowOf(nodes, 'safe'), /matches everything in it/],
      [rowOf(inside, 'key'), /A glob in "readOnly" of the connection matches it/],
    ] as const) {
      const item = tree.getTreeItem(node);
      const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
      await tree.resolveTreeItem(item, node, token);
      const words = (item.tooltip as MarkdownString).value.replaceAll(/&#(\d+);/g, (_, code: string) =>
        String.fromCodePoint(Number(code)),
      );
      assert.match(words, text);
    }
  });

  it('open as documents that cannot be written, until the settings allow it', async () => {
    const uriOf = (key: string) => Uri.from(keyUriParts({ connectionId: NAME, key: bytes(key) }));
    const permissions = async (key: string) => (await workspace.fs.stat(uriOf(key))).permissions;
    await window.showTextDocument(uriOf('/locking/safe/key'));
    assert.equal(await permissions('/locking/safe/key'), FilePermission.Readonly);
    assert.equal(await permissions('/locking/free'), undefined);
    await assert.rejects(
      async () => await workspace.fs.writeFile(uriOf('/locking/safe/key'), bytes('x')),
      /"readOnly"|read-only|readonly/i,
    );
    assert.equal(await outside.value('/locking/safe/key'), '1');
    await lock(['/locking/free']);
    await until(async () => (await permissions('/locking/safe/key')) === undefined);
    assert.equal(await permissions('/locking/free'), FilePermission.Readonly);
  });

  it('keep nothing from connecting, but a wrong list does', async () => {
    for (const wrong of ['/registry/**', [''], [3], { a: 1 }, Array.from({ length: 101 }, () => '/a')]) {
      await lock(wrong as never);
      const connection = connections.require(NAME);
      assert.equal(connection.isReadOnly, false);
      await assert.rejects(
        connection.store('interactive'),
        failsAs('configuration', /The "readOnly" of the connection/),
      );
    }
    await lock([]);
    await connections.require(NAME).store('interactive');
  });
});
