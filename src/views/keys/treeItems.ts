import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import { keyUriParts } from '../../documents/addresses/keyUri.ts';
import type { Connection } from '../../connections/connection.ts';
import type { FileSummary } from '../../etcd/snapshotFile/snapshotReader.ts';
import { themeColor } from '../../connections/settings/connectionColor.ts';
import { PastConnection } from '../../connections/pastConnection.ts';
import { obstacleOf } from '../../connections/trust/declined.ts';
import { revisionUriParts } from '../../documents/addresses/revisionUri.ts';
import { keysText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { contextValue } from './contextValue.ts';
import type { Look } from './layouts/layout.ts';
import { MAX_ROWS } from './levelWindow.ts';
import {
  PinnedFolderNode,
  RootsNode,
  type ConnectionNode,
  type FolderNode,
  type KeyNode,
  type LoadingNode,
  type LoadMoreNode,
  type MessageNode,
  type TreeNode,
} from './nodes.ts';
import { shortReason } from './shortReason.ts';

/**
 * Returns the look of a node. Synchronous and without I/O, because VS Code asks for all children at once.
 * @param look that of a key or folder of a known layout
 */
export function treeItem(node: TreeNode, look: Look | undefined): TreeItem {
  const item = build(node, look);
  item.id = node.id;
  return item;
}

function build(node: TreeNode, look: Look | undefined): TreeItem {
  switch (node.kind) {
    case 'connection':
      return connectionItem(node);
    case 'folder':
      return folderItem(node, look);
    case 'key':
      return keyItem(node, look);
    case 'loadMore':
      return loadMoreItem(node);
    case 'loading':
      return loadingItem(node);
    case 'message':
      return messageItem(node);
  }
}

function connectionItem({ connection, root }: ConnectionNode): TreeItem {
  const { state, profile } = connection;
  if (connection.revision !== undefined) return pastItem(connection);
  if (connection.file) return fileItem(connection, connection.file, root);
  const item = new TreeItem(connection.name, TreeItemCollapsibleState.Collapsed);
  const marks = [
    connection.isProduction ? l10n.t('production') : '',
    connection.isReadOnly ? l10n.t('read-only') : '',
    profile.source === 'workspace' ? (profile.folder?.name ?? l10n.t('workspace')) : '',
    connection.root.length > 0 && !(root instanceof RootsNode) ? l10n.t('below {0}', keyText(connection.root)) : '',
    ...filterMark(root),
  ];
  const looks = {
    idle: { text: l10n.t('not connected'), icon: new ThemeIcon('debug-disconnect') },
    connecting: { text: l10n.t('connecting…'), icon: new ThemeIcon('loading~spin') },
    connected: { text: l10n.t('connected'), icon: new ThemeIcon('server', connectedColor(connection)) },
    failed: { text: failedText(state), icon: new ThemeIcon('error', new ThemeColor('testing.iconFailed')) },
  }[isCanceled(state) ? 'idle' : state.kind];
  item.description = [looks.text, ...marks].filter(Boolean).join(' · ');
  item.iconPath = looks.icon;
  item.contextValue = contextValue('connection', connection, [state.kind, ...filterFacet(root)]);
  return item;
}

function failedText(state: Connection['state']): string {
  const reason = state.kind === 'failed' ? shortReason(state.error.kind) : undefined;
  return reason === undefined ? l10n.t('failed') : l10n.t('failed: {0}', reason);
}

/** Whether the user has cancelled the attempt, which is not a failure. */
function isCanceled(state: Connection['state']): boolean {
  return state.kind === 'failed' && state.error.kind === 'cancelled';
}

/** Shows a snapshot or `db` file: expanded at first, because the user has just opened it. */
function fileItem(connection: Connection, file: FileSummary, root: FolderNode): TreeItem {
  const { state } = connection;
  const item = new TreeItem(connection.name, TreeItemCollapsibleState.Expanded);
  const isDamaged = file.checksum === 'wrong' || file.damageCount > 0;
  item.description = [
    l10n.t('file, revision {0}', String(file.revision)),
    ...(isDamaged ? [l10n.t('damaged')] : []),
    ...filterMark(root),
  ].join(' · ');
  const warning = new ThemeColor('list.warningForeground');
  item.iconPath = isDamaged || state.kind === 'failed' ? new ThemeIcon('warning', warning) : new ThemeIcon('archive');
  item.contextValue = contextValue('connection', connection, [state.kind, ...filterFacet(root)]);
  return item;
}

/** Shows a past connection: expanded at first, because the user has just asked for it. */
function pastItem(connection: Connection): TreeItem {
  const item = new TreeItem(connection.name, TreeItemCollapsibleState.Expanded);
  item.description = [
    l10n.t('as of revision {0}', String(connection.revision)),
    l10n.t('read-only'),
    ...(connection.isProduction ? [l10n.t('production')] : []),
  ].join(' · ');
  item.iconPath = new ThemeIcon('history', new ThemeColor('charts.yellow'));
  item.contextValue = contextValue('past', connection, [connection.state.kind]);
  return item;
}

/** Returns a connection's color; without a color in the settings, production connections have one of their own. */
function connectedColor({ isProduction, profile }: Connection): ThemeColor {
  const { color } = profile.settings;
  if (color) return themeColor(color);
  return new ThemeColor(isProduction ? 'charts.red' : 'testing.iconPassed');
}

function folderItem(node: FolderNode, look: Look | undefined): TreeItem {
  const isLeadingSlash = node.name.length === 0 && node.parent.kind === 'folder' && node.parent.path.length === 0;
  const label = isLeadingSlash || node.name === node.path ? keyText(node.path) : folderLabel(node);
  const item = new TreeItem(
    label,
    isLeadingSlash ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
  );
  const { keyCount } = node;
  const described = (count: (keys: number) => string) =>
    [
      ...filterMark(node),
      ...(keyCount === undefined ? [] : [count(keyCount)]),
      ...whatItIs(look),
      ...expiry(node),
    ].join(' · ');
  item.description = described((keys) => keys.toLocaleString());
  item.accessibilityInformation = { label: `${label} ${described(keysText)}`.trimEnd() };
  item.iconPath = folderIcon(node, look);
  item.resourceUri = folderUri(node);
  const place = node instanceof PinnedFolderNode ? ['pinned'] : [];
  const facets = [...place, ...filterFacet(node), ...lockFacet(node)];
  item.contextValue = contextValue('folder', node.connection, facets);
  return item;
}

function folderIcon(node: FolderNode, look: Look | undefined): ThemeIcon {
  if (node.filter !== undefined) return new ThemeIcon('filter');
  if (look && !(node instanceof PinnedFolderNode)) return new ThemeIcon(look.icon);
  // VS Code leaves out ThemeIcon.Folder if the item has an address and the icon theme has no folders. This icon looks
  // the same.
  return new ThemeIcon(node instanceof PinnedFolderNode ? 'pinned' : 'symbol-folder');
}

function filterMark({ filter }: FolderNode): string[] {
  return filter === undefined ? [] : [l10n.t('only {0}', filter)];
}

function filterFacet({ filter }: FolderNode): string[] {
  return filter === undefined ? [] : ['filtered'];
}

/** Returns the word of a read-only connection for a row of another one that is read-only too. */
function lockFacet({ kind, connection: { isReadOnly, locks }, path }: FolderNode | KeyNode): string[] {
  const lock = kind === 'key' ? locks?.of(path) : locks?.ofFolder(path);
  return lock === undefined || isReadOnly ? [] : ['readOnly'];
}

function keyItem(node: KeyNode, look: Look | undefined): TreeItem {
  const item = new TreeItem(nameLabel(node.name), TreeItemCollapsibleState.None);
  item.iconPath = look ? new ThemeIcon(look.icon) : ThemeIcon.File;
  item.description = [...whatItIs(look), ...expiry(node), ...leaseMark(node)].join(' · ');
  // The file icon theme has icons for many file names.
  item.resourceUri = keyUri(node);
  item.contextValue = contextValue('key', node.connection, lockFacet(node));
  item.command = { command: 'etcd.openSelected', title: l10n.t('Open') };
  return item;
}

function whatItIs(look: Look | undefined): string[] {
  return look ? [look.what] : [];
}

/** Returns an address without a document, by which decorations distinguish a folder from a key of the same name. */
function folderUri({ connection, path }: FolderNode): Uri {
  return Uri.from({ ...keyUriParts({ connectionId: connection.id, key: path }), query: 'folder' });
}

function keyUri({ connection, path }: KeyNode): Uri {
  if (connection instanceof PastConnection) {
    const { live, revision } = connection;
    return Uri.from(revisionUriParts({ connectionId: live.id, key: path, revision }, 'text'));
  }
  return Uri.from(keyUriParts({ connectionId: connection.id, key: path }));
}

function loadMoreItem(node: LoadMoreNode): TreeItem {
  const { label, description, icon } = loadMoreLooks(node);
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.description = description;
  item.iconPath = new ThemeIcon(icon);
  item.contextValue = 'loadMore';
  item.command = { command: 'etcd.loadMore', title: label, arguments: [node] };
  return item;
}

function loadMoreLooks({ parent, what }: LoadMoreNode): { label: string; description: string; icon: string } {
  const { loaded, hiddenCount, left, from } = parent;
  const shown = (loaded.length - hiddenCount).toLocaleString();
  const most = MAX_ROWS.toLocaleString();
  switch (what) {
    case 'more':
      return {
        label: l10n.t('Load more…'),
        description: left
          ? l10n.t('{0} shown, about {1} more', shown, left.toLocaleString())
          : l10n.t('{0} shown', shown),
        icon: 'ellipsis',
      };
    case 'all': {
      const all = loaded.length + (left ?? 0);
      const label = all > MAX_ROWS ? l10n.t('Load {0}…', most) : l10n.t('Load all {0}…', all.toLocaleString());
      return {
        label,
        description: all > MAX_ROWS ? l10n.t('of about {0}', all.toLocaleString()) : '',
        icon: 'fold-down',
      };
    }
    case 'next':
      return {
        label: l10n.t('Go on after {0}…', nameLabel(loaded.at(-1)?.name ?? new Uint8Array())),
        description: left ? l10n.t('about {0} more, in place of these {1}', left.toLocaleString(), shown) : '',
        icon: 'arrow-down',
      };
    case 'earlier':
      return {
        label: l10n.t('Back to the previous keys…'),
        description: l10n.t('shown from {0} on', keyText(from?.subarray(parent.path.length) ?? new Uint8Array())),
        icon: 'arrow-up',
      };
  }
}

function loadingItem({ parent: { connection } }: LoadingNode): TreeItem {
  const isConnecting = connection.state.kind === 'connecting';
  const label = isConnecting ? l10n.t('Connecting to {0}…', connection.name) : l10n.t('Loading more…');
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon('loading~spin');
  item.contextValue = isConnecting ? 'connecting' : 'loading';
  return item;
}

function messageItem({ error, parent, hidden }: MessageNode): TreeItem {
  const nothing = parent.filter === undefined ? l10n.t('No keys') : l10n.t('No name matches {0}', parent.filter);
  const note = hidden > 0 ? l10n.t('{0} hidden', hidden.toLocaleString()) : nothing;
  const item = new TreeItem(error?.message ?? note, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon(error && error.kind !== 'cancelled' ? 'warning' : hidden > 0 ? 'eye-closed' : 'info');
  const past = parent.connection.revision === undefined ? '' : ';past';
  item.contextValue = error ? `failure;${obstacleOf(error).kind}${past}` : 'empty';
  return item;
}

/**
 * Returns the time of day at which the node expires, which stays true while it is shown; with the date if that is
 * another day.
 */
function expiry({ expires }: FolderNode | KeyNode): string[] {
  if (!expires) return [];
  const isToday = expires.toDateString() === new Date().toDateString();
  return [l10n.t('until {0}', isToday ? expires.toLocaleTimeString() : expires.toLocaleString())];
}

/** Says that the key has a lease, whose end only the lease itself tells. */
function leaseMark({ hasLease }: KeyNode): string[] {
  return hasLease ? [l10n.t('expires with its lease')] : [];
}

/** Labels a folder: with several separators, `a/` and `a:` are two folders. */
function folderLabel({ connection, name, path }: FolderNode): string {
  const { hierarchy } = connection;
  return hierarchy.separators.length > 1 ? keyText(path.subarray(hierarchy.parentOf(path).length)) : nameLabel(name);
}

/** Labels a name. An empty segment, as in `a//b`, must be visible. */
function nameLabel(name: Uint8Array): string {
  return name.length === 0 ? l10n.t('(empty)') : keyText(name);
}
