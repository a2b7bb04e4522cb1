import { l10n, window, ProgressLocation } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { KeyStore, KeyValue } from '../etcd/keyStore.ts';
import { putBack, type PutBackResult, type UndoneChange } from '../etcd/putBack.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, writableStore } from './targets.ts';
import { outcome } from './undoCommand.ts';

/** Keys that are read at a time, before the question. */
const READ_AT_ONCE = 20;
/** So many keys are restored at once at most: their values are in memory together. */
const MOST_KEYS = 10_000;

/** A key at a revision at which it can be read. */
export interface EarlierVersion {
  readonly key: Uint8Array;
  readonly readAt: bigint;
  /** The version itself, where it has been read already. */
  readonly kv?: KeyValue;
}

/**
 * Puts keys back as they were, after a question: each only if it still is as it was when that was asked. A key that exists keeps
 * its lease; a deleted one gets back the one that it had, if that still lives.
 * @param connection not a view of the past
 * @throws EtcdError `cancelled`
 */
export async function restoreVersions(
  context: CommandContext,
  connection: Connection,
  versions: readonly EarlierVersion[],
): Promise<void> {
  const store = await writableStore(connection);
  if (versions.length > MOST_KEYS)
    throw new EtcdError('unsupported', l10n.t('At most {0} keys can be restored at once.', MOST_KEYS.toLocaleString()));
  const title = l10n.t('Restore keys of {0}', connection.name);
  const changes = await withProgress(title, versions.length, (signal, progress) =>
    readChanges(store, versions, signal, progress),
  );
  if (changes.length === 0) {
    void window.showInformationMessage(l10n.t('There is nothing to restore: it is as it was.'));
    return;
  }
  if (!(await confirmRestore(connection, changes))) throw cancelled();
  try {
    const result = await withProgress(title, changes.length, () => putBack(store, changes));
    context.undoLog.add(connection, restoredText(connection, changes), result.overwritten);
    say(result);
  } finally {
    context.documents.refresh();
    context.showChanges(connection);
  }
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

/** Nothing where the key is as it was. */
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

async function confirmRestore(connection: Connection, changes: readonly UndoneChange[]): Promise<boolean> {
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
    ? l10n.t('The key does not exist now. It is created, with the lease that it had if that still lives.')
    : l10n.t('The present value is replaced; its lease stays. This can be undone.');
}

function detailOfMany(changes: readonly UndoneChange[]): string {
  const absent = changes.filter(({ left }) => left === 'absent').length;
  const overwritten = changes.length - absent;
  const sentences = [
    ...(absent > 0
      ? [l10n.t('Created, since they do not exist now, with the leases that still live: {0}.', absent.toLocaleString())]
      : []),
    ...(overwritten > 0
      ? [l10n.t('Overwritten, with their leases kept: {0}. This can be undone.', overwritten.toLocaleString())]
      : []),
    l10n.t('What others change in the meantime stays as they leave it.'),
  ];
  return sentences.join('\n');
}

function restoredText({ name }: Connection, changes: readonly UndoneChange[]): string {
  const [only, ...others] = changes;
  return only && others.length === 0
    ? l10n.t('Restored {0}', keyText(only.previous.key))
    : l10n.t('Restored {0} keys of {1}', changes.length.toLocaleString(), name);
}

function say(result: PutBackResult): void {
  if (result.changedSince.length > 0 || result.withoutLease > 0) void window.showWarningMessage(outcome(result));
  else if (result.restored > 1) void window.showInformationMessage(outcome(result));
  else void window.setStatusBarMessage(outcome(result), 5000);
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
      report.report({ message: l10n.t('{0} of {1} keys', done.toLocaleString(), total.toLocaleString()) });
    return work(abort.signal, progress);
  });
}
