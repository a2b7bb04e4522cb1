import { l10n, QuickPickItemKind, ThemeIcon, type QuickInputButton, type QuickPick, type QuickPickItem } from 'vscode';
import { keysText } from '../etcd/countText.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { Child, KeyStore } from '../etcd/keyStore.ts';
import { foldersFirst, type Offer } from '../etcd/listing/foldersFirst.ts';
import { keyText, KeyTextError, parseKeyText } from '../etcd/keys/keyText.ts';
import { compareKeys } from '../etcd/keys/ranges.ts';
import { window } from './text/window.ts';

export interface PickedPath {
  readonly kind: 'key' | 'folder';
  readonly path: Uint8Array;
  /** True if chosen with the button `newKeyButton`. */
  readonly byButton?: boolean;
}

export interface KeyQuestion {
  readonly title: string;
  readonly placeholder: string;
  /** Initial path in the field. */
  readonly initial?: Uint8Array | undefined;
  /** Label for the typed folder as an answer, which is offered only with a label. */
  readonly folderLabel?: (folder: string) => string;
  /** Label for all keys as an answer, which is offered only with a label. */
  readonly wholeLabel?: string;
  /** Label for a new key as an answer, which is offered only with a label. */
  readonly newKeyLabel?: (key: string) => string;
  /** True if the user names a new key: the typed text then precedes existing keys. */
  readonly creates?: boolean;
  /** Button beside a key that does not exist yet. */
  readonly newKeyButton?: QuickInputButton;
}

interface PathItem extends QuickPickItem {
  /** An answer, or a folder to continue in. */
  readonly target?: PickedPath & { readonly goOn: boolean };
}

/**
 * Asks for a key, and completes its path from the server as the user types.
 * @returns undefined if the user cancels
 */
export async function pickKey(store: KeyStore, question: KeyQuestion): Promise<PickedPath | undefined> {
  const input = window.createOrderedQuickPick<PathItem>();
  const { promise, resolve } = Promise.withResolvers<PickedPath | undefined>();
  let abort = new AbortController();
  /** The text to which the items belong. */
  let offeredFor: string | undefined;
  /** The text that was accepted before its items arrived. */
  let acceptedText: string | undefined;

  const accept = (target: PathItem['target']) => {
    if (!target) return;
    if (!target.goOn) return resolve(target);
    input.value = keyText(target.path);
    void complete();
  };
  const complete = async () => {
    abort.abort();
    const current = (abort = new AbortController());
    const typed = input.value;
    input.busy = true;
    try {
      for await (const items of itemsFor(store, typed, question, current.signal)) {
        if (current.signal.aborted) return;
        offer(input, items);
        offeredFor = typed;
        if (acceptedText === typed) {
          acceptedText = undefined;
          return accept(items[0]?.target);
        }
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
    if (offeredFor === input.value) accept(input.selectedItems[0]?.target);
    else acceptedText = input.value;
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

/** Offers items, which may arrive after the user has moved down the list. */
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
    // A hidden v2 key is in no listing, but can be found by its exact path.
    if (items.length === 0 && nameStart < key.length && (await store.get(key, { signal })).kv)
      items.push(childItem({ kind: 'key', name: key.slice(nameStart), path: key }));
    if (items.length === 0) items.push({ label: l10n.t('No key starts with this.'), alwaysShow: true });
    yield items;
  }
}

function itemsOf(
  typed: string,
  key: Uint8Array,
  folder: Uint8Array,
  { folderLabel, wholeLabel, newKeyLabel, newKeyButton, creates }: KeyQuestion,
  { children, isAll }: Offer,
): PathItem[] {
  const exists = children.some((child) => child.kind === 'key' && compareKeys(child.path, key) === 0);
  const items: PathItem[] = [];
  const newKey: PathItem[] = [];
  if (newKeyLabel && key.length > 0 && !exists)
    newKey.push({
      label: newKeyLabel(typed),
      iconPath: new ThemeIcon('add'),
      alwaysShow: true,
      ...(newKeyButton && { buttons: [newKeyButton] }),
      target: { kind: 'key', path: key, goOn: false },
    });
  // The name may continue after a typed folder, so Enter must not create a key with the folder's name.
  const isFirst = creates === true && folder.length < key.length;
  if (isFirst) items.push(...newKey);
  // Nor does Enter open a key that is there.
  else if (creates && children.length > 0)
    items.push({ label: l10n.t('Type a name'), iconPath: new ThemeIcon('edit'), alwaysShow: true });
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
  if (!isFirst) items.push(...newKey);
  if (!isAll) items.push({ label: l10n.t('more keys exist: keep typing'), kind: QuickPickItemKind.Separator });
  return items;
}

function childItem({ kind, path, keyCount }: Child): PathItem {
  return {
    label: keyText(path),
    iconPath: kind === 'folder' ? ThemeIcon.Folder : new ThemeIcon('symbol-key'),
    ...(keyCount !== undefined && { description: keysText(keyCount) }),
    // The server has already filtered.
    alwaysShow: true,
    target: { kind, path, goOn: kind === 'folder' },
  };
}
