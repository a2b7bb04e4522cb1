import { l10n } from 'vscode';
import { liveOf } from '../../connections/pastConnection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { ConnectionNode, FolderNode, LoadingNode } from '../../views/keys/nodes.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { window } from '../../ui/text/window.ts';

/** Cancels the connection attempt of a row or, without a row, every attempt under way. */
export function cancelConnecting({ connections }: CommandContext, argument: unknown): void {
  const row = argument instanceof LoadingNode ? argument.parent : argument;
  const isRow = row instanceof ConnectionNode || row instanceof FolderNode;
  const asked = isRow ? [liveOf(row.connection)] : connections.live;
  const connecting = asked.filter(({ state }) => state.kind === 'connecting');
  if (connecting.length === 0) void window.showInformationMessage(l10n.t('No connection is being opened now.'));
  for (const connection of connecting)
    connection.disconnect(new EtcdError('cancelled', l10n.t('You canceled connecting to {0}.', connection.name)));
}
