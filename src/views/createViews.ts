import { commands, Uri, type Disposable, type ExtensionContext, type TreeView } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { LiveFeeds } from '../connections/following/liveFeeds.ts';
import { window } from '../ui/text/window.ts';
import { ClusterView } from './cluster/clusterView.ts';
import type { ComparisonNode } from './comparison/comparisonTree.ts';
import { ComparisonTree } from './comparison/comparisonTree.ts';
import { LiveStatus } from './following/liveStatus.ts';
import { LiveTree } from './following/liveTree.ts';
import { Reconnecting } from './following/reconnecting.ts';
import { ImportPreview } from './import/importPreview.ts';
import { CutMarks } from './keys/cutMarks.ts';
import { ExpandedRows } from './keys/expandedRows.ts';
import { FailureNotices } from './keys/failureNotices.ts';
import { KeyDragAndDrop } from './keys/keyDragAndDrop.ts';
import { KeysMessage } from './keys/keysMessage.ts';
import { KeyTree } from './keys/keyTree.ts';
import type { TreeNode } from './keys/nodes.ts';
import { ClusterOverviewPanels } from './overview/clusterOverviewPanels.ts';
import { SearchView } from './search/searchView.ts';
import { ChangeNotices } from './watch/changeNotices.ts';
import { WatchView } from './watch/watchView.ts';

/** The views that commands use; the extension disposes `owned`. */
export interface Views {
  readonly tree: KeyTree;
  readonly treeView: TreeView<TreeNode>;
  readonly cutMarks: CutMarks;
  readonly importPreview: ImportPreview;
  readonly search: SearchView;
  readonly comparison: { readonly tree: ComparisonTree; readonly view: TreeView<ComparisonNode> };
  readonly watchView: WatchView;
  readonly changeNotices: ChangeNotices;
  readonly clusterView: ClusterView;
  readonly overviews: ClusterOverviewPanels;
  /** Shows the changes that a command made, unless the tree follows changes by itself. */
  readonly showChanges: (connection?: Connection) => void;
  readonly owned: readonly Disposable[];
}

/** Creates all views and what is shown around them. */
export function createViews(context: ExtensionContext, connections: Connections, feeds: LiveFeeds): Views {
  const expandedRows = new ExpandedRows(context.workspaceState);
  const tree = new KeyTree(connections, expandedRows);
  const treeView = window.createTreeView('etcd.keys', {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: new KeyDragAndDrop(
      (nodes, onto) => commands.executeCommand('etcd.drop', nodes, onto),
      (files) => commands.executeCommand('etcd.openSnapshot', files[0], files),
    ),
  });
  expandedRows.follow(treeView, connections, (connection) => tree.rootOf(connection));
  const retry = (connection: Connection) => commands.executeCommand('etcd.retry', connection);
  const comparisonTree = new ComparisonTree();
  const comparisonView = window.createTreeView('etcd.comparison', {
    treeDataProvider: comparisonTree,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const watchView = new WatchView(connections);
  const parts = {
    cutMarks: new CutMarks(),
    importPreview: new ImportPreview(),
    search: new SearchView(tree, connections),
    watchView,
    changeNotices: new ChangeNotices(watchView),
    clusterView: new ClusterView(connections),
    overviews: new ClusterOverviewPanels(connections, (name) =>
      Uri.joinPath(context.extensionUri, 'dist', 'webview', name),
    ),
  };
  const owned = [
    ...Object.values(parts),
    ...[tree, treeView, expandedRows, comparisonTree, comparisonView],
    treeView.onDidCollapseElement(({ element }) => tree.stopListing(element)),
    new KeysMessage(connections, treeView),
    new FailureNotices(connections, treeView, retry),
    new LiveTree(tree, treeView, feeds),
    new Reconnecting(connections, treeView),
    new LiveStatus(connections, feeds, treeView, 'etcd.toggleLive'),
  ];
  const comparison = { tree: comparisonTree, view: comparisonView };
  // A new drawing of a live tree would only disturb the user.
  const showChanges = (connection?: Connection) => {
    if (!connection || feeds.stateOf(connection) !== 'live') tree.refresh(connection);
  };
  return { ...parts, tree, treeView, comparison, showChanges, owned };
}
