import assert from 'node:assert/strict';
import { EventEmitter, type TreeViewExpansionEvent } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { LiveFeeds } from '../../src/connections/following/liveFeeds.ts';
import type { LiveState } from '../../src/connections/following/liveState.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import { LiveTree } from '../../src/views/following/liveTree.ts';
import { Reconnecting } from '../../src/views/following/reconnecting.ts';
import type { ConnectionNode, FolderNode, TreeNode } from '../../src/views/keys/nodes.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { wholeLevel } from './wholeLevel.ts';

/** Simulates VS Code's view: what it reports, and what it does when something must be drawn again. */
class View {
  visible = true;
  readonly #expanded = new EventEmitter<TreeViewExpansionEvent<TreeNode>>();
  readonly #collapsed = new EventEmitter<TreeViewExpansionEvent<TreeNode>>();
  readonly #visibility = new EventEmitter<{ readonly visible: boolean }>();
  readonly onDidExpandElement = this.#expanded.event;
  readonly onDidCollapseElement = this.#collapsed.event;
  readonly onDidChangeVisibility = this.#visibility.event;

  expand(element: TreeNode): void {
    this.#expanded.fire({ element });
  }

  collapse(element: TreeNode): void {
    this.#collapsed.fire({ element });
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.#visibility.fire({ visible });
  }
}

/** The tree of the connections in the settings, in a visible view that follows etcd. */
export class FollowedTree {
  readonly view = new View();
  readonly credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
  readonly connections = new Connections({
    credentials: this.credentials,
    consents: new Consents(new MemoryState(), new MemoryState()),
    offerTrust: () => undefined,
    logRequest: () => undefined,
    tunnelGuard: '',
  });
  readonly feeds = new LiveFeeds(this.connections);
  readonly tree = new KeyTree(this.connections);
  readonly #live = new LiveTree(this.tree, this.view, this.feeds);
  readonly #reconnecting = new Reconnecting(this.connections, this.view);

  dispose(): void {
    this.#reconnecting.dispose();
    this.#live.dispose();
    this.tree.dispose();
    this.feeds.dispose();
    this.connections.dispose();
  }

  /** Resolves when the tree meets the condition after something was drawn again. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.change();
  }

  /** Resolves when something is drawn again. */
  async change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const told = () => resolve();
    const listeners = [this.tree.onDidChangeTreeData(told), this.feeds.onDidChangeState(told)];
    await promise;
    for (const each of listeners) each.dispose();
  }

  /** Returns the first connection. */
  async root(): Promise<ConnectionNode> {
    const [connection] = await this.tree.getChildren();
    assert.ok(connection?.kind === 'connection');
    return connection;
  }

  /** Expands folder after folder, as VS Code does by asking for what it shows, until the last one follows etcd. */
  async expand(...names: readonly string[]): Promise<FolderNode> {
    const folder = await this.expandUnfollowed(...names);
    await this.untilState(folder, 'live');
    return folder;
  }

  async expandUnfollowed(...names: readonly string[]): Promise<FolderNode> {
    const connection = await this.root();
    await wholeLevel(this.tree, connection);
    let folder = connection.root;
    for (const name of names) {
      const child = folder.loaded.find((each) => each.kind === 'folder' && this.tree.getTreeItem(each).label === name);
      assert.ok(child?.kind === 'folder', name);
      await wholeLevel(this.tree, child);
      folder = child;
    }
    return folder;
  }

  async untilState({ connection }: FolderNode, state: LiveState): Promise<void> {
    await this.until(() => this.feeds.stateOf(connection) === state);
  }

  rows(folder: FolderNode): string[] {
    return folder.loaded.map((node) => {
      const { label, description } = this.tree.getTreeItem(node);
      return [typeof label === 'string' ? label : '', description].filter(Boolean).join(' ');
    });
  }
}
