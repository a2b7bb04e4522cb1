import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';

/**
 * Returns the destination connection for keys: the present one if it can be written to, otherwise one that the user
 * picks.
 * @throws EtcdError `cancelled`; `configuration` if no connection can take the keys of a file
 */
export async function pickTarget(
  { connections }: CommandContext,
  source: Connection,
  title: string,
): Promise<Connection> {
  const writable = connections.all.filter(({ isReadOnly }) => !isReadOnly);
  const others = writable.filter((connection) => connection !== source);
  if (others.length === 0 && source.file)
    throw new EtcdError('configuration', l10n.t('There is no connection that keys can be written to. Add one first.'));
  if (others.length === 0) return source;
  const items = [...writable.filter((connection) => connection === source), ...others].map((connection) => ({
    label: connection.name,
    description: [
      connection.endpoint,
      ...(connection === source ? [l10n.t('where it is now')] : []),
      ...(connection.isProduction ? [l10n.t('production')] : []),
    ].join(' · '),
    connection,
  }));
  const chosen = await window.showQuickPick(items, { title, placeHolder: l10n.t('To which connection?') });
  if (!chosen) throw cancelled();
  return chosen.connection;
}
