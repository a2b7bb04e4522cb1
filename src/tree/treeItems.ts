import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import { keyUriParts } from '../documents/keyUri.ts';
import type { Connection } from '../connections/connection.ts';
import { PastConnection } from '../connections/pastConnection.ts';
import { revisionUriParts } from '../documents/revisionUri.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { contextValue } from './contextValue.ts';
import { MOST_ROWS } from './levelWindow.ts';
import {
  PinnedFolderNode,
  type ConnectionNode,
  type FolderNode,
  type KeyNode,
  type LoadMoreNode,
  type MessageNode,
  type TreeNode,
} from './nodes.ts';

/** How a node looks. Synchronous and without I/O: VS Code asks for every child at once. */
export function treeItem(node: TreeNode): TreeItem {
  const item = build(node);
  item.id = node.id;
  return item;
}

function build(node: TreeNode): TreeItem {
  switch (node.kind) {
    case 'connection':
      return connectionItem(node);
    case 'folder':
      return folderItem(node);
    case 'key':
      return keyItem(node);
    case 'loadMore':
      return loadMoreItem(node);
    case 'loading':
      return loadingItem();
    case 'message':
      return messageItem(node);
  }
}

function connectionItem({ connection, root }: ConnectionNode): TreeItem {
  const { state, profile } = connection;
  if (connection.revision !== undefined) return pastItem(connection);
  const item = new TreeItem(connection.name, TreeItemCollapsibleState.Collapsed);
  const marks = [
    connection.isProduction ? l10n.t('production') : '',
    connection.isReadOnly ? l10n.t('read-only') : '',
    profile.source === 'workspace' ? l10n.t('workspace') : '',
    connection.root.length > 0 ? l10n.t('below {0}', keyText(connection.root)) : '',
    ...filterMark(root),
  ];
  const looks = {
    idle: { text: l10n.t('not connected'), icon: new ThemeIcon('debug-disconnect') },
    connecting: { text: l10n.t('connecting…'), icon: new ThemeIcon('loading~spin') },
    connected: { text: l10n.t('connected'), icon: new ThemeIcon('server', connectedColor(connection)) },
    failed: { text: l10n.t('failed'), icon: new ThemeIcon('error', new ThemeColor('testing.iconFailed')) },
  }[state.kind];
  item.description = [looks.text, ...marks].filter(Boolean).join(' · ');
  item.iconPath = looks.icon;
  item.contextValue = contextValue('connection', connection, [state.kind, profile.source, ...filterFacet(root)]);
  return item;
}

/** A connection as it was: open from the start, since the user has just asked for it. */
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

/** Production stands out from what one may play with. */
function connectedColor({ isProduction }: Connection): ThemeColor {
  return new ThemeColor(isProduction ? 'charts.red' : 'testing.iconPassed');
}

function folderItem(node: FolderNode): TreeItem {
  const isLeadingSlash = node.name.length === 0 && node.parent.kind === 'folder' && node.parent.path.length === 0;
  const item = new TreeItem(
    isLeadingSlash || node instanceof PinnedFolderNode ? keyText(node.path) : folderLabel(node),
    isLeadingSlash ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
  );
  const count = node.keyCount === undefined ? [] : [node.keyCount.toLocaleString()];
  item.description = [...filterMark(node), ...count, ...expiry(node)].join(' · ');
  item.iconPath = folderIcon(node);
  item.resourceUri = folderUri(node);
  const place = node.place === '' ? [] : node instanceof PinnedFolderNode ? ['pinned'] : ['belowPinned'];
  item.contextValue = contextValue('folder', node.connection, [...place, ...filterFacet(node)]);
  return item;
}

function folderIcon(node: FolderNode): ThemeIcon {
  if (node.filter !== undefined) return new ThemeIcon('filter');
  // ThemeIcon.Folder, which looks the same, is left out beside an address where the icon theme has no folders.
  return new ThemeIcon(node instanceof PinnedFolderNode ? 'pinned' : 'symbol-folder');
}

function filterMark({ filter }: FolderNode): string[] {
  return filter === undefined ? [] : [l10n.t('only {0}', filter)];
}

function filterFacet({ filter }: FolderNode): string[] {
  return filter === undefined ? [] : ['filtered'];
}

function keyItem(node: KeyNode): TreeItem {
  const item = new TreeItem(nameLabel(node.name), TreeItemCollapsibleState.None);
  item.iconPath = ThemeIcon.File;
  item.description = expiry(node).join('');
  // The file icon theme knows an icon for many a name.
  item.resourceUri = keyUri(node);
  item.contextValue = contextValue('key', node.connection);
  item.command = { command: 'etcd.openSelected', title: l10n.t('Open') };
  return item;
}

/** No document's: it is what decorations know a folder by, apart from a key of the same name. */
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
  const { loaded, left, from } = parent;
  const shown = loaded.length.toLocaleString();
  const most = MOST_ROWS.toLocaleString();
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
      const label = all > MOST_ROWS ? l10n.t('Load {0}…', most) : l10n.t('Load all {0}…', all.toLocaleString());
      return {
        label,
        description: all > MOST_ROWS ? l10n.t('of about {0}', all.toLocaleString()) : '',
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
        label: l10n.t('Go back to what comes before…'),
        description: l10n.t('shown from {0} on', keyText(from?.subarray(parent.path.length) ?? new Uint8Array())),
        icon: 'arrow-up',
      };
  }
}

function loadingItem(): TreeItem {
  const item = new TreeItem(l10n.t('Loading more…'), TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon('loading~spin');
  item.contextValue = 'loading';
  return item;
}

function messageItem({ error, parent }: MessageNode): TreeItem {
  const nothing = parent.filter === undefined ? l10n.t('No keys') : l10n.t('No name matches {0}', parent.filter);
  const item = new TreeItem(error?.message ?? nothing, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon(error ? 'warning' : 'info');
  const past = parent.connection.revision === undefined ? '' : ';past';
  item.contextValue = error ? `failure;${error.kind}${past}` : 'empty';
  return item;
}

/** A time of day, which stays true while it is shown; the day too where it is another one. */
function expiry({ expires }: FolderNode | KeyNode): string[] {
  if (!expires) return [];
  const isToday = expires.toDateString() === new Date().toDateString();
  return [l10n.t('until {0}', isToday ? expires.toLocaleTimeString() : expires.toLocaleString())];
}

/** Where there are several separators, `a/` and `a:` are two folders. */
function folderLabel({ connection, name, path }: FolderNode): string {
  const { hierarchy } = connection;
  return hierarchy.separators.length > 1 ? keyText(path.subarray(hierarchy.parentOf(path).length)) : nameLabel(name);
}

/** An empty segment, as in `a//b`, has to be seen as one. */
function nameLabel(name: Uint8Array): string {
  return name.length === 0 ? l10n.t('(empty)') : keyText(name);
}
