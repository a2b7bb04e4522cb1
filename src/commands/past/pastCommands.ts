import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { keptRevisions } from '../../etcd/past/compaction.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import { FolderNode, KeyNode, MessageNode } from '../../views/keys/nodes.ts';
import { pickRevision } from '../../ui/revisionPicker.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, revealPath } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';

/** Shows all keys of a connection at a revision that the user picks; moves the past view if there is one. */
export async function browsePast(context: CommandContext, argument: unknown): Promise<void> {
  const target = await connectionTarget(context, argument);
  const live = liveOf(target);
  const store = await storeWithHistory(live);
  const from = context.connections.pastOf(live)?.revision;
  const title = l10n.t('Browse {0} as of Revision', live.name);
  const revision = await pickRevision(store, { title, from, now: 'last' });
  if (revision === undefined) throw cancelled();
  if (revision === 'now') return await leave(context, live);
  await browseAt(context, live, revision, folderToShow(argument));
}

/** Shows the past view at a revision, from its root or from the folder or key where the user was. */
export async function browseAt(
  context: CommandContext,
  connection: Connection,
  revision: bigint,
  path: Uint8Array = connection.root,
): Promise<void> {
  const past = context.connections.browsePast(connection, revision);
  context.tree.refresh(past);
  await revealPath(context, past, path);
}

/** Closes a past view. */
export async function returnToNow(context: CommandContext, argument: unknown): Promise<void> {
  await leave(context, liveOf(await connectionTarget(context, argument)));
}

/** Moves a view whose revision is compacted to the oldest revision that etcd keeps. */
export async function browseOldest(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const { oldest } = await keptRevisions(await liveOf(connection).store('interactive'));
  await browseAt(context, connection, oldest, argument instanceof MessageNode ? argument.parent.path : undefined);
}

/** Returns the store with its history. @throws EtcdError `unsupported` for a connection of v2 keys */
export async function storeWithHistory(connection: Connection): Promise<KeyStore> {
  const store = await connection.store('interactive');
  if (store.capabilities.history) return store;
  throw new EtcdError('unsupported', l10n.t("etcd's v2 API cannot read keys as they were earlier."));
}

async function leave(context: CommandContext, live: Connection): Promise<void> {
  const past = context.connections.pastOf(live);
  if (!past) return;
  context.connections.leavePast(past);
  await revealPath(context, live, live.root);
}

function folderToShow(argument: unknown): Uint8Array | undefined {
  return argument instanceof FolderNode || argument instanceof KeyNode ? argument.path : undefined;
}
