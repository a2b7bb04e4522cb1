import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import type { LeaseFilter } from '../../etcd/findLeases.ts';
import { keyTextProblem, parseKeyText } from '../../etcd/keys/keyText.ts';
import type { LeaseInfo, Leases } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { readOnlyError } from '../../etcd/readOnlyStore.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import { clusterTarget, confirmChange, writableCluster } from '../cluster/clusterTargets.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { askSeconds } from '../keys/lifetimeQuestion.ts';
import { requireLeases } from './requireLeases.ts';
import { revokeLeases } from './revokeLeases.ts';

/** Leases requested at a time. */
const AT_ONCE = 20;

/** Shows further leases in the Cluster view. */
export function moreLeases({ clusterView }: CommandContext): void {
  clusterView.showMoreLeases();
}

/** Chooses which leases the Cluster view shows. */
export async function filterLeases(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const choices = [
    { label: l10n.t('Little Time Left…'), description: l10n.t('leases that end soon'), ask: askTimeLeft },
    { label: l10n.t('Keys Below…'), description: l10n.t('leases with keys that begin with a prefix'), ask: askPrefix },
    { label: l10n.t('All Leases'), description: '', ask: (): Promise<LeaseFilter> => Promise.resolve({}) },
  ];
  const chosen = await window.showQuickPick(choices, { placeHolder: l10n.t('Which leases should be shown?') });
  if (!chosen) throw cancelled();
  const filter = await chosen.ask();
  if (context.clusterView.connection !== connection) await context.clusterView.show(connection);
  await context.clusterView.filterLeases(filter);
}

async function askTimeLeft(): Promise<LeaseFilter> {
  const title = l10n.t('Leases with Little Time Left');
  return { secondsLeft: await askSeconds(title, l10n.t('Shows leases with less time left.')) };
}

async function askPrefix(): Promise<LeaseFilter> {
  const typed = await window.showInputBox({
    title: l10n.t('Leases with Keys Below'),
    prompt: l10n.t('Shows leases that have a key with this prefix.'),
    placeHolder: '/services/',
    ignoreFocusOut: true,
    validateInput: keyTextProblem,
  });
  if (!typed) throw cancelled();
  return { prefix: parseKeyText(typed) };
}

/** Grants a lease without keys. */
export async function grantLease(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const title = l10n.t('Grant a Lease in {0}', connection.name);
  const ttl = await askSeconds(title, l10n.t('When it ends, etcd deletes the keys attached to it.'));
  const yes = connection.isProduction
    ? await confirmChange(
        connection,
        l10n.t('Grant a lease of {0} s in {1}?', ttl.toLocaleString(), connection.name),
        [l10n.t('It has no keys yet.')],
        l10n.t('Grant'),
      )
    : undefined;
  if (connection.isProduction && !yes) throw cancelled();
  const lease = await requireLeases(await connection.writingStore(yes), connection).grant(ttl);
  context.clusterView.refresh(connection);
  void window.showInformationMessage(
    l10n.t('Lease {0} was granted. Attach keys to it with Set Time to Live.', leaseText(lease)),
  );
}

/** Revokes the leases of the rows that are given or, for the palette, selected in the Cluster view. */
export async function revokeSelectedLeases(
  context: CommandContext,
  argument: unknown,
  selected: unknown,
): Promise<void> {
  const { clusterView } = context;
  const given: readonly unknown[] = Array.isArray(selected) ? selected : [argument];
  const nodes = (argument === undefined ? clusterView.selection : given).filter(isLease);
  const [first] = nodes;
  if (!first) {
    if (!clusterView.connection) await clusterView.show(await clusterTarget(context, argument));
    throw new EtcdError('notFound', l10n.t('Select leases in the Cluster view, and run this again.'));
  }
  const connection = context.connections.current(first.connection);
  if (connection.isReadOnly) throw readOnlyError();
  const store = await connection.store('interactive');
  const leases = requireLeases(store, connection);
  const ids = nodes.flatMap(({ row }) => row.lease ?? []);
  const infos = await withLateProgress(l10n.t('Reading the keys of the leases'), (signal) =>
    infosOf(leases, ids, signal),
  );
  if (infos.length === 0) throw new EtcdError('notFound', l10n.t('These leases no longer exist.'));
  await revokeLeases(context, connection, store, infos);
  context.clusterView.refresh(connection);
}

function isLease(node: unknown): node is ClusterNode {
  return node instanceof ClusterNode && node.row.lease !== undefined;
}

async function infosOf(leases: Leases, ids: readonly bigint[], signal: AbortSignal): Promise<LeaseInfo[]> {
  const infos: LeaseInfo[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => leases.info(id, signal)));
    infos.push(...some.filter((info) => info !== undefined));
  }
  return infos;
}
