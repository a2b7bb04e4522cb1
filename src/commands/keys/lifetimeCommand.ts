import { l10n } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyStore, Lifetime } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { canExpire, changeLifetime } from '../../etcd/writes/changeLifetime.ts';
import type { UndoneChange } from '../../etcd/writes/undone.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { connectionOfAll, pathTargets, writableStore } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { offerUndo } from '../undo/undoCommand.ts';
import { isRemembered, KEYS_TO_TYPE_FOR, undoSentence } from './deleteCommand.ts';
import { askLifetime } from './lifetimeQuestion.ts';

const KEYS_NAMED = 10;

/**
 * Sets, changes or removes the time to live of keys, whose values stay. If etcd will delete the keys, asks as for a
 * delete.
 */
export async function setLifetime(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: l10n.t('Set Time to Live'),
    placeholder: l10n.t('Type the path of a key'),
  });
  const keys = targets.filter(({ kind }) => kind === 'key');
  if (keys.length === 0) throw new EtcdError('unsupported', l10n.t('Folders have no time to live: choose keys.'));
  const connection = connectionOfAll(keys);
  const ranges = keys.map(({ path }) => singleKeyRange(path));
  const store = await writableStore(connection, ranges);
  const what = nameOf(keys);
  const lifetime = await askLifetime(store, what);
  const isUndoable = await isRemembered(store, ranges, keys.length);
  const isAsked = connection.isProduction || canExpire(lifetime);
  const yes = isAsked ? await confirmLifetime(connection, keys, lifetime, isUndoable) : undefined;
  if (isAsked && !yes) throw cancelled();
  const changes: UndoneChange[] = [];
  try {
    const writing = await connection.writingStore(yes);
    const shared = await sharedLifetime(writing, lifetime);
    for (const { path } of keys) {
      const change = await changeLifetime(writing, path, shared);
      if (isUndoable) changes.push(change);
    }
  } finally {
    // Includes keys that were changed before a failure.
    const entry = context.undoLog.add(connection, l10n.t('Time to live of {0} in {1}', what, connection.name), changes);
    // The command does not wait, because the message may stay for long.
    if (entry && canExpire(lifetime)) void offerUndo(entry);
    context.documents.refresh();
    context.showChanges(connection);
  }
}

async function confirmLifetime(
  connection: Connection,
  keys: readonly PathTarget[],
  lifetime: Lifetime,
  isUndoable: boolean,
): Promise<Confirmation | undefined> {
  const message = questionOf(connection, keys, lifetime);
  const named = keys.length > 1 ? keys.slice(0, KEYS_NAMED).map(({ path }) => keyText(path)) : [];
  const more =
    keys.length > named.length && named.length > 0 ? [l10n.t('and {0} more', keys.length - named.length)] : [];
  const detail = [...named, ...more, undoSentence(isUndoable)];
  const isTyped = canExpire(lifetime) && (connection.isProduction || keys.length >= KEYS_TO_TYPE_FOR);
  const [only] = keys;
  const word = keys.length === 1 && only ? keyText(only.path) : String(keys.length);
  return isTyped
    ? await confirmByTyping(message, detail, word)
    : await confirm(message, detail, l10n.t('Set Time to Live'));
}

function questionOf({ name }: Connection, keys: readonly PathTarget[], lifetime: Lifetime): string {
  const what = nameOf(keys);
  if (typeof lifetime === 'string') return l10n.t('Remove the expiry of {0} in {1}?', what, name);
  return 'ttl' in lifetime
    ? l10n.t('Let {0} in {1} expire after {2} s?', what, name, lifetime.ttl.toLocaleString())
    : l10n.t('Let {0} in {1} expire with lease {2}?', what, name, leaseText(lifetime.lease));
}

function nameOf(keys: readonly PathTarget[]): string {
  const [only] = keys;
  return keys.length === 1 && only ? keyText(only.path) : keysText(keys.length);
}

/** Returns a lifetime with one new lease that all keys of a command share. */
async function sharedLifetime({ leases }: KeyStore, lifetime: Lifetime): Promise<Lifetime> {
  return leases && typeof lifetime === 'object' && 'ttl' in lifetime
    ? { lease: await leases.grant(lifetime.ttl) }
    : lifetime;
}
