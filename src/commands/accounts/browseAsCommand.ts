import { l10n } from 'vscode';
import { effectiveRanges } from '../../etcd/accounts/permissions.ts';
import { storeAsUser } from '../../etcd/accounts/storeAsUser.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { newestRevision } from '../../etcd/past/compaction.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import { clusterTarget } from '../cluster/clusterTargets.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { revealPath } from '../context/targets.ts';
import { accountsOf, pickName } from './accountTargets.ts';

/** Shows the keys that a user may read at present, beside the connection and read-only. */
export async function browseAsUser(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const { users, roles } = await accountsOf(connection);
  const given = argument instanceof ClusterNode ? argument.row.account?.user : undefined;
  const names = users.map(({ name }) => name);
  const name = await pickName(given, names, l10n.t('Whose view of {0} do you want?', connection.name));
  const user = users.find((each) => each.name === name);
  const ranges = user ? effectiveRanges(user, roles, 'read') : [];
  if (ranges.length === 0)
    throw new EtcdError(
      'permissionDenied',
      l10n.t('The etcd user {0} may not read any key: no role grants that.', name),
    );
  const revision = await newestRevision(await connection.store('interactive'));
  const past = context.connections.browsePast(connection, revision, {
    name,
    storeOf: (store) => storeAsUser(store, name, ranges),
  });
  context.tree.refresh(past);
  await revealPath(context, past, connection.root);
}
