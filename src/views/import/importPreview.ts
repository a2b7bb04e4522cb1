import {
  commands,
  EventEmitter,
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
  workspace,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import { bytesText, keysText } from '../../etcd/countText.ts';
import { closeComparisons, IMPORT_SCHEME, ImportedValues } from '../../documents/import/importedValues.ts';
import type { ImportSession } from '../../documents/import/importSession.ts';
import { IMPORT_STATES, isChoosable, type ImportState } from '../../etcd/keyFiles/importStates.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { plainMarkdown } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';

const PAGE_SIZE = 500;
/** Limit of keys in a group that is expanded at first. */
const OPEN_AT_FIRST = 50;

export class ImportGroupNode {
  readonly kind = 'group';
  readonly state: ImportState;
  shown = PAGE_SIZE;

  constructor(state: ImportState) {
    this.state = state;
  }
}

export class ImportedKeyNode {
  readonly kind = 'key';
  readonly group: ImportGroupNode;
  readonly index: number;
  readonly key: Uint8Array;
  readonly bytes: number;

  constructor(group: ImportGroupNode, index: number, key: Uint8Array, bytes: number) {
    this.group = group;
    this.index = index;
    this.key = key;
    this.bytes = bytes;
  }
}

export class MoreImportedNode {
  readonly kind = 'more';
  readonly group: ImportGroupNode;

  constructor(group: ImportGroupNode) {
    this.group = group;
  }
}

export type ImportNode = ImportGroupNode | ImportedKeyNode | MoreImportedNode;

/** The preview of an import, by state and key, with a check box for each key; one import at a time. */
export class ImportPreview extends DisposableOwner implements TreeDataProvider<ImportNode> {
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<ImportNode>;
  #session: ImportSession | undefined;
  #groups: readonly ImportGroupNode[] = [];

  constructor() {
    super();
    this.#view = this.own(
      window.createTreeView('etcd.importPreview', { treeDataProvider: this, manageCheckboxStateManually: true }),
    );
    this.own(
      this.#view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) this.#choose(node, state === TreeItemCheckboxState.Checked);
        this.refresh();
      }),
    );
    const values = this.own(new ImportedValues((id) => (id === this.#session?.id ? this.#session : undefined)));
    this.own(
      workspace.registerFileSystemProvider(IMPORT_SCHEME, values, {
        isCaseSensitive: true,
        isReadonly: plainMarkdown(l10n.t('This is a read-only preview.')),
      }),
    );
  }

  get session(): ImportSession | undefined {
    return this.#session;
  }

  /** Shows an import, and ends the one before. */
  async show(session: ImportSession): Promise<void> {
    await this.end();
    this.#session = session;
    this.#groups = IMPORT_STATES.filter((state) => session.plan.count(state) > 0).map(
      (state) => new ImportGroupNode(state),
    );
    this.refresh();
    await commands.executeCommand('setContext', 'etcd.importPreview', true);
    await commands.executeCommand('etcd.importPreview.focus');
  }

  /** Ends the import that is shown, and hides the view. */
  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#groups = [];
    await commands.executeCommand('setContext', 'etcd.importPreview', false);
    this.#changed.fire();
    await closeComparisons();
    await session?.end();
  }

  refresh(): void {
    this.#view.message = this.#session ? messageOf(this.#session) : '';
    this.#changed.fire();
  }

  showMore({ group }: MoreImportedNode): void {
    group.shown += PAGE_SIZE;
    this.#changed.fire();
  }

  async getChildren(node?: ImportNode): Promise<ImportNode[]> {
    const session = this.#session;
    if (!session) return [];
    if (!node) return [...this.#groups];
    if (node.kind !== 'group') return [];
    const indexes = session.plan.indexesOf(node.state, 0, node.shown);
    const children: ImportNode[] = [];
    for (const index of indexes) {
      const { key, value } = await session.fromFile(index);
      children.push(new ImportedKeyNode(node, index, key, value.length));
    }
    if (session.plan.count(node.state) > indexes.length) children.push(new MoreImportedNode(node));
    return children;
  }

  getTreeItem(node: ImportNode): TreeItem {
    if (node.kind === 'group') return this.#groupItem(node);
    return node.kind === 'key' ? this.#keyItem(node) : moreItem(node);
  }

  override dispose(): void {
    super.dispose();
    void this.#session?.end();
  }

  #choose(node: ImportNode, wanted: boolean): void {
    if (node.kind === 'group') this.#session?.chooseAll(node.state, wanted);
    if (node.kind === 'key') this.#session?.choose(node.index, wanted);
  }

  #groupItem(node: ImportGroupNode): TreeItem {
    const count = this.#session?.plan.count(node.state) ?? 0;
    const item = new TreeItem(
      LOOKS[node.state].label(),
      count > OPEN_AT_FIRST || node.state === 'unchanged'
        ? TreeItemCollapsibleState.Collapsed
        : TreeItemCollapsibleState.Expanded,
    );
    item.id = node.state;
    item.description = count.toLocaleString();
    item.tooltip = LOOKS[node.state].tooltip();
    item.accessibilityInformation = { label: `${LOOKS[node.state].label()} ${keysText(count)}` };
    item.iconPath = new ThemeIcon(LOOKS[node.state].icon);
    if (isChoosable(node.state)) item.checkboxState = checkbox((this.#session?.chosen(node.state) ?? 0) > 0);
    return item;
  }

  #keyItem(node: ImportedKeyNode): TreeItem {
    const { state } = node.group;
    const item = new TreeItem(keyText(node.key));
    item.id = `${state}/${node.index}`;
    item.description = bytesText(node.bytes);
    item.command = { command: 'etcd.compareImported', title: l10n.t('Compare'), arguments: [node] };
    if (isChoosable(state)) item.checkboxState = checkbox(this.#session?.takes(node.index) ?? false);
    return item;
  }
}

const LOOKS: Readonly<
  Record<ImportState, { readonly icon: string; readonly label: () => string; readonly tooltip: () => string }>
> = {
  added: { icon: 'diff-added', label: () => l10n.t('Added'), tooltip: () => l10n.t('Keys that do not exist in etcd') },
  changed: {
    icon: 'diff-modified',
    label: () => l10n.t('Changed'),
    tooltip: () => l10n.t('Keys whose value in etcd differs'),
  },
  unchanged: {
    icon: 'check',
    label: () => l10n.t('Unchanged'),
    tooltip: () => l10n.t('Keys that already have this value and are not written'),
  },
  conflicting: {
    icon: 'warning',
    label: () => l10n.t('Conflicting'),
    tooltip: () =>
      l10n.t(
        'Keys that someone has written since the file was exported from this cluster. Select them only to overwrite those changes',
      ),
  },
  impossible: {
    icon: 'circle-slash',
    label: () => l10n.t('Impossible'),
    tooltip: () => l10n.t('Keys that this etcd API cannot store'),
  },
};

function moreItem({ group }: MoreImportedNode): TreeItem {
  const item = new TreeItem(l10n.t('Load more…'));
  item.id = `${group.state}/more`;
  item.iconPath = new ThemeIcon('ellipsis');
  item.command = {
    command: 'etcd.moreImported',
    title: l10n.t('Load more…'),
    arguments: [new MoreImportedNode(group)],
  };
  return item;
}

function messageOf(session: ImportSession): string {
  const { chosenKeys, connection, source, writer } = session;
  if (writer)
    return l10n.t(
      'The import of {0} into {1} has stopped: {2} of {3} written. Import again to go on.',
      source,
      connection.name,
      writer.written.toLocaleString(),
      keysText(chosenKeys),
    );
  return l10n.t(
    '{0} into {1}: {2} of {3} chosen. Nothing is written yet.',
    source,
    connection.name,
    chosenKeys.toLocaleString(),
    keysText(session.plan.length),
  );
}

function checkbox(checked: boolean): NonNullable<TreeItem['checkboxState']> {
  return {
    state: checked ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    accessibilityInformation: { label: l10n.t('Import') },
  };
}
