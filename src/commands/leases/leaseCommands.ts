import { l10n, QuickPickItemKind, ThemeIcon, type QuickPickItem } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { findLeases } from '../../etcd/findLeases.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyStore, LeaseInfo } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget, pathTargets } from '../context/targets.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import { requireLeases } from './requireLeases.ts';
import { revokeLeases } from './revokeLeases.ts';

const KEYS_SHOWN = 500;
const LEASES_SHOWN = 500;

interface Action extends QuickPickItem {
  readonly run?: () => Promise<void> | void;
}

/** Shows the lease of a key, its keys, and the actions on it. */
export async function showLease(context: CommandContext, argument: unknown): Promise<void> {
  if (argument instanceof ClusterNode && argument.row.lease !== undefined) {
    const connection = context.connections.current(argument.connection);
    await actOnLease(context, connection, await connection.store('interactive'), argument.row.lease);
    return context.clusterView.refresh(connection);
  }
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Show Lease'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (!target) return;
  const store = await target.connection.store('interactive');
  const { kv } = await store.get(target.path);
  requireLeases(store, target.connection);
  if (!kv?.lease)
    return void window.showInformationMessage(l10n.t('{0} has no lease and never expires.', keyText(target.path)));
  await actOnLease(context, target.connection, store, kv.lease);
}

/** Lists the leases of a connection. */
export async function showLeases(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const store = await connection.store('interactive');
  const leases = requireLeases(store, connection);
  const { infos, asked, all } = await withLateProgress(l10n.t('Reading the leases of {0}', connection.name), (signal) =>
    findLeases(leases, {}, LEASES_SHOWN, { signal }),
  );
  if (all === 0) return void window.showInformationMessage(l10n.t('{0} has no lease.', connection.name));
  const items = infos.map((info): Action => ({
    ...leaseItem(info),
    run: () => actOnLease(context, connection, store, info.id),
  }));
  const others: Action = {
    label: l10n.t('Show Others…'),
    description: l10n.t('{0} more, in the Cluster view', (all - asked).toLocaleString()),
    iconPath: new ThemeIcon('ellipsis'),
    run: async () => {
      await context.clusterView.show(connection);
      await context.clusterView.filterLeases({});
    },
  };
  const title =
    all === 1
      ? l10n.t('1 lease of {0}', connection.name)
      : l10n.t('{0} leases of {1}', all.toLocaleString(), connection.name);
  const shown = asked < all ? [others, ...items] : items;
  const chosen = await window.showQuickPick(shown, { title, matchOnDescription: true });
  await chosen?.run?.();
}

/** Lists the leases that this window keeps alive, and can stop that. */
export async function showKeptLeases({ leaseKeeper }: CommandContext): Promise<void> {
  const items = leaseKeeper.all.map(({ connection, lease }) => ({
    label: leaseText(lease),
    description: connection.name,
    stop: () => leaseKeeper.stop(connection, lease),
  }));
  if (items.length === 0) return void window.showInformationMessage(l10n.t('No lease is kept alive.'));
  (await window.showQuickPick(items, { title: l10n.t('Stop keeping which lease alive?') }))?.stop();
}

async function actOnLease(
  context: CommandContext,
  connection: Connection,
  store: KeyStore,
  lease: bigint,
): Promise<void> {
  const info = await requireLeases(store, connection).info(lease);
  if (!info) throw new EtcdError('notFound', l10n.t('The lease no longer exists.'));
  const { leaseKeeper } = context;
  const kept = leaseKeeper.keeps(connection, lease);
  const actions: Action[] = connection.isReadOnly
    ? []
    : [
        kept
          ? {
              label: l10n.t('Stop Keeping It Alive'),
              iconPath: new ThemeIcon('debug-stop'),
              run: () => leaseKeeper.stop(connection, lease),
            }
          : {
              label: l10n.t('Keep It Alive'),
              description: l10n.t('until you stop it or close this window'),
              iconPath: new ThemeIcon('heart'),
              run: () => leaseKeeper.keep(connection, lease),
            },
        {
          label: l10n.t('Revoke It…'),
          description: l10n.t('deletes its keys'),
          iconPath: new ThemeIcon('trash'),
          run: () => revokeLeases(context, connection, store, [info]),
        },
        { label: l10n.t('Keys of this lease'), kind: QuickPickItemKind.Separator },
      ];
  const keys = info.keys.slice(0, KEYS_SHOWN).map((key): Action => ({
    label: keyText(key),
    iconPath: new ThemeIcon('symbol-key'),
    run: () => context.documents.open(connection, key),
  }));
  const { label, description } = leaseItem(info);
  const chosen = await window.showQuickPick([...actions, ...keys], { title: `${label}: ${description}` });
  await chosen?.run?.();
}

function leaseItem({ id, ttl, grantedTtl, keys }: LeaseInfo): { readonly label: string; readonly description: string } {
  const times = l10n.t('{0} of {1} s left', ttl.toLocaleString(), grantedTtl.toLocaleString());
  const count = keysText(keys.length);
  return { label: l10n.t('Lease {0}', leaseText(id)), description: `${times}, ${count}` };
}
