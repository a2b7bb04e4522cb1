import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, pickConnection, revealPath } from '../context/targets.ts';
import { showFailure } from '../../ui/notices.ts';
import { clusterTarget } from './clusterTargets.ts';

/** Shows the members, alarms and space of a connection's cluster. */
export async function showCluster(context: CommandContext, argument: unknown): Promise<void> {
  await show(context, liveOf(await connectionTarget(context, argument)));
}

/** Shows another connection's cluster in the view. */
export async function chooseCluster(context: CommandContext): Promise<void> {
  await show(context, await pickConnection(context));
}

async function show({ clusterView }: CommandContext, connection: Connection): Promise<void> {
  // What it asks the user belongs to this command; the view itself asks nothing.
  await connection.cluster();
  await clusterView.show(connection);
}

/** Opens charts of a cluster's figures in a tab. */
export async function showOverview(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  // Questions of the connection belong to this command; the tab itself asks nothing.
  await connection.cluster();
  await openOverview(context, connection);
}

/** Opens a tab with the space that the keys of a file take. */
export async function showSpace(context: CommandContext, argument: unknown): Promise<void> {
  const connection = liveOf(await connectionTarget(context, argument));
  if (!connection.file) throw new EtcdError('unsupported', l10n.t('{0} is not a file.', connection.name));
  await openOverview(context, connection);
}

async function openOverview(context: CommandContext, connection: Connection): Promise<void> {
  await context.overviews.show(connection, (path) => {
    void revealPath(context, context.connections.current(connection), path).catch((failure: unknown) => {
      void showFailure(failure, { connection });
    });
  });
}

export function refreshCluster({ clusterView }: CommandContext): void {
  clusterView.refresh();
}
