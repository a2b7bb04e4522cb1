import { l10n } from 'vscode';
import { liveOf } from '../../connections/pastConnection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';

/** Closes a connection until the user opens it again. Its documents stay open. */
export async function disconnect(context: CommandContext, argument: unknown): Promise<void> {
  const connection = liveOf(await connectionTarget(context, argument));
  connection.disconnect(new EtcdError('cancelled', l10n.t('You disconnected from {0}.', connection.name)));
}
