import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { memberName, type ClusterAdmin, type ClusterState, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { readOnlyError } from '../../etcd/readOnlyStore.ts';
import { confirm, confirmByTyping, type Confirmation } from '../../ui/confirm.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { memberSizeText } from './memberTexts.ts';

/**
 * Returns the connection whose cluster a command is about: its argument's, the one in the Cluster view if the command
 * comes from there, else that of `connectionTarget`.
 */
export async function clusterTarget(context: CommandContext, argument: unknown): Promise<Connection> {
  if (argument instanceof ClusterNode) return context.connections.current(argument.connection);
  const shown = context.clusterView.connection;
  if (argument === undefined && shown) return context.connections.current(shown);
  return liveOf(await connectionTarget(context, argument));
}

/** Returns `clusterTarget` for a change. @throws EtcdError `readOnly`, before the user has answered anything */
export async function writableCluster(context: CommandContext, argument: unknown): Promise<Connection> {
  const connection = await clusterTarget(context, argument);
  if (connection.isReadOnly) throw readOnlyError();
  return connection;
}

/** Asks each member about itself. One that is down takes as long as a connection may take, so progress is shown. */
export async function stateOf(connection: Connection): Promise<ClusterState> {
  const cluster = await connection.cluster();
  return await withLateProgress(l10n.t('Asking the members of {0}', connection.name), (signal) =>
    cluster.state(signal),
  );
}

/** Changes a cluster, with progress. Nobody can cancel it: etcd may carry out what was sent. */
export async function changeCluster<T>(
  connection: Connection,
  yes: Confirmation,
  change: (cluster: ClusterAdmin) => Promise<T>,
): Promise<T> {
  const cluster = await connection.cluster(yes);
  const title = l10n.t('Changing the cluster of {0}', connection.name);
  return await withLateProgress(title, () => change(cluster), { cancellable: false });
}

/**
 * Returns the member that a command is about: its row's, the only one, or the one that the user picks.
 * @param isChoice whether a member may be picked
 * @throws EtcdError `cancelled`, or `notFound` if there is none
 */
export async function memberTarget(
  { members }: Pick<ClusterState, 'members'>,
  argument: unknown,
  question: string,
  isChoice: (member: MemberState) => boolean = () => true,
): Promise<MemberState> {
  const given = argument instanceof ClusterNode ? argument.row.member?.id : undefined;
  const named = members.find(({ id }) => id === given);
  if (named) return named;
  const choices = members.filter(isChoice);
  const [only] = choices;
  if (!only) throw new EtcdError('notFound', l10n.t('The cluster has no member for this. Nothing was done.'));
  if (choices.length === 1) return only;
  const items = choices.map((member) => ({ label: memberName(member), description: memberSizeText(member), member }));
  const chosen = await window.showQuickPick(items, { placeHolder: question });
  if (!chosen) throw cancelled();
  return chosen.member;
}

/** Asks before the cluster is changed; of production the connection's name, or what else is given, is to be typed. */
export async function confirmChange(
  connection: Connection,
  message: string,
  detail: readonly string[],
  button: string,
  typed = connection.isProduction ? connection.name : undefined,
): Promise<Confirmation | undefined> {
  return typed === undefined ? await confirm(message, detail, button) : await confirmByTyping(message, detail, typed);
}
