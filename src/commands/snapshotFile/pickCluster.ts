import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Asks which cluster a file is of. @throws EtcdError `cancelled` */
export async function pickCluster({ configured }: Connections, title: string): Promise<Connection> {
  const clusters = configured.map((each) => ({ label: each.name, description: each.endpoint, connection: each }));
  const chosen = await window.showQuickPick(clusters, { title, placeHolder: l10n.t('Of which cluster is it?') });
  if (!chosen) throw cancelled();
  return chosen.connection;
}
