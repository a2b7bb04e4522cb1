import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { keysText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyStore, KeyValue, LeaseInfo } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { confirm, confirmByTyping } from '../../ui/confirm.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { isRemembered, KEYS_TO_TYPE_FOR, undoSentence } from '../keys/deleteCommand.ts';
import { offerUndo } from '../undo/undoCommand.ts';
import { requireLeases } from './requireLeases.ts';

const KEYS_NAMED = 10;
/** Keys whose values are read at a time. */
const READ_AT_ONCE = 20;

/**
 * Revokes leases and deletes their keys, after a question that names them. The keys can be restored, without a lease.
 */
export async function revokeLeases(
  context: CommandContext,
  connection: Connection,
  store: KeyStore,
  infos: readonly LeaseInfo[],
): Promise<void> {
  const keys = infos.flatMap((info) => info.keys);
  const what = nameOf(infos);
  const ranges = keys.map(singleKeyRange);
  await store.locks?.check(ranges);
  const isUndoable = await isRemembered(store, ranges, keys.length);
  const message = l10n.t('Revoke {0} of {1}?', what, connection.name);
  const detail = keys.length === 0 ? l10n.t('No keys are attached.') : detailOf(keys, isUndoable);
  const [only] = infos;
  const typed = infos.length === 1 && only ? leaseText(only.id) : String(infos.length);
  const confirmed =
    connection.isProduction || keys.length >= KEYS_TO_TYPE_FOR
      ? await confirmByTyping(message, detail, typed)
      : await confirm(message, detail, l10n.t('Revoke'));
  if (!confirmed) return;
  const writing = await connection.writingStore(confirmed);
  let before: readonly KeyValue[] = [];
  const revoked = new Set<bigint>();
  try {
    await withLateProgress(l10n.t('Revoking {0}', what), async (signal, report) => {
      if (isUndoable) before = await valuesOf(writing, keys);
      for (const { id } of infos) {
        if (signal.aborted) throw cancelled();
        report(
          l10n.t('{0} of {1}', revoked.size.toLocaleString(), infos.length.toLocaleString()),
          revoked.size / infos.length,
        );
        context.leaseKeeper.stop(connection, id);
        await requireLeases(writing, connection).revoke(id);
        revoked.add(id);
      }
    });
  } finally {
    // Includes leases that were revoked before a failure.
    const changes = before.flatMap((previous) =>
      previous.lease !== undefined && revoked.has(previous.lease) ? [{ previous, left: 'absent' as const }] : [],
    );
    const entry = context.undoLog.add(connection, l10n.t('Revoked {0} of {1}', what, connection.name), changes);
    // The command does not wait, because the message may stay for long.
    if (entry) void offerUndo(entry);
    context.documents.noteDeleted(connection, ranges);
    context.search.forget(connection, ranges);
    context.showChanges(connection);
  }
}

function nameOf(infos: readonly LeaseInfo[]): string {
  const [only] = infos;
  return infos.length === 1 && only
    ? l10n.t('the lease {0}', leaseText(only.id))
    : l10n.t('{0} leases', infos.length.toLocaleString());
}

function detailOf(keys: readonly Uint8Array[], isUndoable: boolean): string[] {
  const named = keys.slice(0, KEYS_NAMED).map(keyText);
  const more = keys.length > named.length ? [l10n.t('and {0} more', keys.length - named.length)] : [];
  const count = l10n.t('This deletes {0}:', keysText(keys.length));
  return [count, ...named, ...more, undoSentence(isUndoable)];
}

async function valuesOf(store: KeyStore, keys: readonly Uint8Array[]): Promise<KeyValue[]> {
  const found: KeyValue[] = [];
  for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
    const { kvs } = await store.getMany(keys.slice(start, start + READ_AT_ONCE), { values: true });
    found.push(...kvs.filter((kv) => kv !== undefined));
  }
  return found;
}
