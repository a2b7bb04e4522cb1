import {
  l10n,
  QuickPickItemKind,
  ThemeIcon,
  window,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
} from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { Child, KeyStore } from '../etcd/keyStore.ts';
import { foldersFirst, type Offer } from '../etcd/keyspace/foldersFirst.ts';
import { keyText, KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import { compareKeys } from '../etcd/keyspace/ranges.ts';

export interface PickedPath {
  readonly kind: 'key' | 'folder';
  readonly path: Uint8Array;
  /** Chosen by the button of `newKeyButton`. */
  readonly byButton?: boolean;
}

export interface KeyQuestion {
  readonly title: string;
  readonly placeholder: string;
  /** What stands in the field at first. */
  readonly initial?: Uint8Array | undefined;
  /** Offers the folder that is being typed as an answer, with this label. */
  readonly folderLabel?: (folder: string) => string;
  /** Offers all keys as an answer, with this label. */
  readonly wholeLabel?: string;
  /** Offers a key that does not exist as an answer, with this label. */
  readonly newKeyLabel?: (key: string) => string;
  /** A button beside that answer. */
  readonly newKeyButton?: QuickInputButton;
}

interface PathItem extends QuickPickItem {
  /** An answer, or a folder to go on in. */
  readonly target?: PickedPath & { readonly goOn: boolean };
}

/**
 * Asks for a key, completing its path from the server as the user types.
 * @returns undefined when the user cancels
 */
export async function pickKey(store: KeyStore, question: KeyQuestion): Promise<PickedPath | undefined> {
  const input = window.createQuickPick<PathItem>();
  const { promise, resolve } = Promise.withResolvers<PickedPath | undefined>();
  let abort = new AbortController();

  const complete = async () => {
    abort.abort();
    const current = (abort = new AbortController());
    input.busy = true;
    try {
      for await (const items of itemsFor(store, input.value, question, current.signal)) {
        if (current.signal.aborted) return;
        offer(input, items);
      }
    } catch (error) {
      if (current.signal.aborted) return;
      if (!(error instanceof KeyTextError) && !EtcdError.is(error)) throw error;
      input.items = [{ label: error.message, iconPath: new ThemeIcon('warning'), alwaysShow: true }];
    } finally {
      if (!current.signal.aborted) input.busy = false;
    }
  };

  input.title = question.title;
  input.placeholder = question.placeholder;
  input.ignoreFocusOut = true;
  input.value = question.initial ? keyText(question.initial) : '';
  input.onDidChangeValue(complete);
  input.onDidAccept(() => {
    const target = input.selectedItems[0]?.target;
    if (!target) return;
    if (!target.goOn) return resolve(target);
    input.value = keyText(target.path);
    void complete();
  });
  input.onDidTriggerItemButton(({ item: { target } }) => {
    if (target) resolve({ ...target, byButton: true });
  });
  input.onDidHide(() => resolve(undefined));
  input.show();
  void complete();
  try {
    return await promise;
  } finally {
    abort.abort();
    input.dispose();
  }
}

/** Items may come while the user has gone down the list already. */
function offer(input: QuickPick<PathItem>, items: readonly PathItem[]): void {
  const [active] = input.activeItems;
  const isFirst = active === undefined || active === input.items[0];
  input.items = items;
  const same = isFirst ? undefined : items.find(({ label }) => label === active.label);
  if (same) input.activeItems = [same];
}

async function* itemsFor(
  store: KeyStore,
  typed: string,
  question: KeyQuestion,
  signal: AbortSignal,
): AsyncGenerator<PathItem[]> {
  const key = parseKeyText(typed);
  const folder = store.hierarchy.folderOf(key);
  const nameStart = folder.length;
  const listing = store.listChildren(folder, { namePrefix: key.slice(nameStart) });
  for await (const found of foldersFirst(listing, signal)) {
    const items = itemsOf(typed, key, folder, question, found);
    // A hidden key of v2 is in no listing, and is there for whoever knows its path.
    if (items.length === 0 && nameStart < key.length && (await store.get(key, { signal })).kv)
      items.push(childItem({ kind: 'key', name: key.slice(nameStart), path: key }));
    if (items.length === 0) items.push({ label: l10n.t('No key begins with this.'), alwaysShow: true });
    yield items;
  }
}

function itemsOf(
  typed: string,
  key: Uint8Array,
  folder: Uint8Array,
  { folderLabel, wholeLabel, newKeyLabel, newKeyButton }: KeyQuestion,
  { children, isAll }: Offer,
): PathItem[] {
  const exists = children.some((child) => child.kind === 'key' && compareKeys(child.path, key) === 0);
  const items: PathItem[] = [];
  if (newKeyLabel && key.length > 0 && !exists)
    items.push({
      label: newKeyLabel(typed),
      iconPath: new ThemeIcon('add'),
      alwaysShow: true,
      ...(newKeyButton && { buttons: [newKeyButton] }),
      target: { kind: 'key', path: key, goOn: false },
    });
  if (wholeLabel !== undefined && key.length === 0)
    items.push({
      label: wholeLabel,
      iconPath: new ThemeIcon('database'),
      alwaysShow: true,
      target: { kind: 'folder', path: key, goOn: false },
    });
  if (folderLabel && folder.length > 0 && folder.length === key.length)
    items.push({
      label: folderLabel(keyText(folder)),
      iconPath: new ThemeIcon('folder-opened'),
      alwaysShow: true,
      target: { kind: 'folder', path: folder, goOn: false },
    });
  items.push(...children.map(childItem));
  if (!isAll) items.push({ label: l10n.t('and more: go on typing'), kind: QuickPickItemKind.Separator });
  return items;
}

function childItem({ kind, path, keyCount }: Child): PathItem {
  return {
    label: keyText(path),
    iconPath: kind === 'folder' ? ThemeIcon.Folder : new ThemeIcon('symbol-key'),
    ...(keyCount !== undefined && { description: l10n.t('{0} keys', keyCount.toLocaleString()) }),
    // The server has done the filtering.
    alwaysShow: true,
    target: { kind, path, goOn: kind === 'folder' },
  };
}
