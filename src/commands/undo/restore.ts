import { l10n, ProgressLocation } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyStore, KeyValue } from '../../etcd/keyStore.ts';
import { putBack, type PutBackResult } from '../../etcd/writes/putBack.ts';
import type { UndoneChange } from '../../etcd/writes/undone.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pickTarget } from '../context/pickTarget.ts';
import { writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { outcome } from './undoCommand.ts';
import { window } from '../../ui/text/window.ts';

/** Keys read at a time, before the question. */
const READ_AT_ONCE = 20;
/** Limit of the keys that can be restored together, because all their values are in memory. */
const MAX_KEYS = 10_000;

/** A key and a revision at which it can be read. */
export interface EarlierVersion {
  readonly key: Uint8Array;
  readonly readAt: bigint;
  /** The version itself, if it has been read already. */
  readonly kv?: KeyValue;
}

/**
 * Restores versions from a file to a connection. If none is given, the user picks one.
 * @throws EtcdError as `restoreVersions` does
 */
export async function restoreFromFile(
  context: CommandContext,
  file: Connection,
  versions: readonly EarlierVersion[],
  target?: Connection,
): Promise<void> {
  assertFew(versions);
  const into = target ?? (await pickTarget(context, file, l10n.t('Restore keys of {0}', file.name)));
  const store = await file.store('interactive');
  const found: EarlierVersion[] = [];
  for (const { key, readAt } of versions) {
    const { kv } = await store.get(key, { revision: readAt });
    if (kv) found.push({ key, readAt, kv });
  }
  await restoreVersions(context, into, found);
}

/**
 * Restores earlier versions of keys, after a question; each only if its key has not changed since the question. An
 * existing key keeps its lease; a deleted one gets its old lease, if that still exists. Versions in a file go to a
 * connection that the user picks.
 * @param kept the connection when the versions were shown; not a past view
 * @throws EtcdError `cancelled`
 */
export async function restoreVersions(
  context: CommandContext,
  kept: Connection,
  versions: readonly EarlierVersion[],
): Promise<void> {
  const connection = context.connections.current(kept);
  if (connection.file) return await restoreFromFile(context, connection, versions);
  const store = await writableStore(connection);
  assertFew(versions);
  const title = l10n.t('Restore keys of {0}', connection.name);
  const changes = await withProgress(title, versions.length, (signal, progress) =>
    readChanges(store, versions, signal, progress),
  );
  if (changes.length === 0) {
    void window.showInformationMessage(l10n.t('There is nothing to restore: nothing has changed.'));
    return;
  }
  const yes = await confirmRestore(connection, changes);
  if (!yes) throw cancelled();
  try {
    const writing = await connection.writingStore(yes);
    const result = await withProgress(title, changes.length, () => putBack(writing, changes));
    context.undoLog.add(connection, restoredText(connection, changes), result.overwritten);
    say(context, result);
  } finally {
    context.documents.refresh();
    context.showChanges(connection);
  }
}

function assertFew(versions: readonly EarlierVersion[]): void {
  if (versions.length > MAX_KEYS)
    throw new EtcdError('unsupported', l10n.t('At most {0} keys can be restored at once.', MAX_KEYS.toLocaleString()));
}

async function readChanges(
  store: KeyStore,
  versions: readonly EarlierVersion[],
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<UndoneChange[]> {
  const changes: UndoneChange[] = [];
  for (let start = 0; start < versions.length; start += READ_AT_ONCE) {
    const part = versions.slice(start, start + READ_AT_ONCE);
    changes.push(...(await Promise.all(part.map((version) => readChange(store, version, signal)))).flat());
    progress(start + part.length);
  }
  return changes;
}

/** Returns the change that restores a key; undefined if the key already has that state. */
async function readChange(store: KeyStore, version: EarlierVersion, signal: AbortSignal): Promise<UndoneChange[]> {
  const { key, readAt } = version;
  const previous = version.kv ?? (await store.get(key, { revision: readAt, signal })).kv;
  const { kv: now } = await store.get(key, { signal });
  if (!previous)
    throw new EtcdError('notFound', l10n.t('The key {0} did not exist at revision {1}.', keyText(key), String(readAt)));
  if (!now) return [{ previous, left: 'absent' }];
  if (Buffer.compare(now.value, previous.value) === 0) return [];
  return [{ previous, left: { modRevision: now.modRevision }, lifetime: 'keep' }];
}

async function confirmRestore(
  connection: Connection,
  changes: readonly UndoneChange[],
): Promise<Confirmation | undefined> {
  const [only] = changes;
  const name = only && changes.length === 1 ? keyText(only.previous.key) : undefined;
  const message =
    name !== undefined && only
      ? l10n.t(
          'Restore {0} of {1} as it was at revision {2}?',
          name,
          connection.name,
          String(only.previous.modRevision),
        )
      : l10n.t('Restore {0} keys of {1}?', changes.length.toLocaleString(), connection.name);
  const detail = changes.length === 1 ? detailOfOne(changes) : detailOfMany(changes);
  if (connection.isProduction) return await confirmByTyping(message, detail, name ?? String(changes.length));
  return await confirm(message, detail, l10n.t('Restore'));
}

function detailOfOne([only]: readonly UndoneChange[]): string {
  return only?.left === 'absent'
    ? l10n.t('The key does not exist now. It will be created again, with its lease if that still exists.')
    : l10n.t('The current value will be replaced; its lease stays. This can be undone.');
}

function detailOfMany(changes: readonly UndoneChange[]): string[] {
  const absent = changes.filter(({ left }) => left === 'absent').length;
  const overwritten = changes.length - absent;
  const sentences = [
    ...(absent > 0
      ? [l10n.t('Will be created again, with leases that still exist: {0}.', absent.toLocaleString())]
      : []),
    ...(overwritten > 0
      ? [l10n.t('Will be overwritten, keeping their leases: {0}. This can be undone.', overwritten.toLocaleString())]
      : []),
    l10n.t('Changes that others make in the meantime are left untouched.'),
  ];
  return sentences;
}

function restoredText({ name }: Connection, changes: readonly UndoneChange[]): string {
  const [only, ...others] = changes;
  return only && others.length === 0
    ? l10n.t('Restored {0}', keyText(only.previous.key))
    : l10n.t('Restored {0} keys of {1}', changes.length.toLocaleString(), name);
}

function say({ log }: CommandContext, result: PutBackResult): void {
  const sentences = outcome(result);
  const left = result.changedSince.length + result.locked.length;
  const isPartial = left > 0 || result.withoutLease > 0;
  log.done('restored', result.restored, left);
  if (!isPartial && result.restored <= 1) return void window.setStatusBarMessage(sentences, 5000);
  void (isPartial ? window.showWarningMessage : window.showInformationMessage)(sentences);
}

async function withProgress<T>(
  title: string,
  total: number,
  work: (signal: AbortSignal, progress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const location = total === 1 ? ProgressLocation.Window : ProgressLocation.Notification;
  return await window.withProgress({ location, title, cancellable: true }, (report, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const progress = (done: number) =>
      report.report({ message: l10n.t('{0} of {1}', done.toLocaleString(), keysText(total)) });
    return work(abort.signal, progress);
  });
}
