import { l10n } from 'vscode';
import { memberName, type ClusterState, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { defragmentMembers, defragmentOrder } from '../../etcd/cluster/defragmentation.ts';
import { keptRevisions, type KeptRevisions } from '../../etcd/past/compaction.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { clusterTask } from './clusterTask.ts';
import { confirmChange, memberTarget, stateOf, writableCluster } from './clusterTargets.ts';
import { defragmentationEffect, givenBack, memberSizeText } from './memberTexts.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';

/** Numbers of revisions that the user may choose to keep. */
const KEPT_CHOICES = [0n, 1000n, 10_000n, 100_000n];

/** Compacts old revisions, after a question that names them and what is lost with them. */
export async function compact(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const kept = await keptRevisions(await connection.store('interactive'));
  const revision = await askRevision(kept);
  const yes = await confirmChange(
    connection,
    l10n.t('Compact {0} to revision {1}?', connection.name, String(revision)),
    compactionEffect(kept, revision),
    l10n.t('Compact'),
  );
  if (!yes) throw cancelled();
  const cluster = await connection.cluster(yes);
  await clusterTask(l10n.t('Compacting {0}', connection.name), (_, signal) => cluster.compact(revision, true, signal));
  context.clusterView.refresh(connection);
  void window.showInformationMessage(
    l10n.t(
      '{0} is compacted to revision {1}. Defragment its members to give the space back.',
      connection.name,
      String(revision),
    ),
  );
}

/** Describes in sentences what a compaction does. */
export function compactionEffect({ oldest, newest }: KeptRevisions, revision: bigint): string[] {
  const last = revision - 1n;
  return [
    last === oldest
      ? l10n.t(
          'Revision {0} is forgotten: history and time travel before revision {1} are lost.',
          String(oldest),
          String(revision),
        )
      : l10n.t(
          'The {0} revisions from {1} up to {2} are forgotten: history and time travel before revision {3} are lost.',
          (revision - oldest).toLocaleString(),
          String(oldest),
          String(last),
          String(revision),
        ),
    l10n.t('All keys stay as they are now (revision {0}).', String(newest)),
  ];
}

async function askRevision({ oldest, newest }: KeptRevisions): Promise<bigint> {
  const choices = KEPT_CHOICES.filter((count) => newest - count > oldest).map((count) => ({
    label:
      count === 0n ? l10n.t('Keep no earlier revision') : l10n.t('Keep the last {0} revisions', count.toLocaleString()),
    description: l10n.t('compact to {0}', String(newest - count)),
    revision: newest - count,
  }));
  const other = { label: l10n.t('Another revision…'), description: '', revision: undefined };
  const placeHolder = l10n.t('etcd keeps revisions {0} to {1}. What is to be kept?', String(oldest), String(newest));
  const chosen = await window.showQuickPick([...choices, other], { placeHolder });
  if (!chosen) throw cancelled();
  if (chosen.revision !== undefined) return chosen.revision;
  const isRevision = (text: string) => /^\d{1,19}$/.test(text) && BigInt(text) > oldest && BigInt(text) <= newest;
  const typed = await window.showInputBox({
    title: l10n.t('Compact to Revision'),
    prompt: l10n.t('Everything before it is forgotten.'),
    ignoreFocusOut: true,
    validateInput: (text) =>
      isRevision(text) ? undefined : l10n.t('Type a revision from {0} to {1}.', String(oldest + 1n), String(newest)),
  });
  if (typed === undefined) throw cancelled();
  return BigInt(typed);
}

/** Releases unused space: that of one member, or of all members one after the other. */
export async function defragment(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const state = await stateOf(connection);
  const members = await askMembers(state, argument);
  const yes = await confirmChange(
    connection,
    members.length === 1 && members[0]
      ? l10n.t('Defragment {0} of {1}?', memberName(members[0]), connection.name)
      : l10n.t('Defragment all {0} members of {1}, one after the other?', members.length, connection.name),
    defragmentationEffect(state, members),
    l10n.t('Defragment'),
  );
  if (!yes) throw cancelled();
  const done: string[] = [];
  try {
    const cluster = await connection.cluster(yes);
    await clusterTask(l10n.t('Defragmenting {0}', connection.name), async (tell, signal) => {
      tell(l10n.t('{0} of {1}', 0, members.length));
      for await (const { member, ...sizes } of defragmentMembers(cluster, members, signal)) {
        done.push(givenBack(member, sizes));
        tell(l10n.t('{0} of {1}', done.length, members.length));
      }
    });
  } finally {
    context.clusterView.refresh(connection);
    if (done.length > 0) void window.showInformationMessage([l10n.t('Defragmented:'), done.join('; ')].join(' '));
  }
}

async function askMembers(state: ClusterState, argument: unknown): Promise<MemberState[]> {
  const order = defragmentOrder(state);
  if (argument instanceof ClusterNode && argument.row.member) return [await memberTarget(state, argument, '')];
  if (order.length <= 1) return order;
  const all = { label: l10n.t('All members'), description: l10n.t('the leader last'), members: order };
  const single = order.map((member) => ({
    label: memberName(member),
    description: memberSizeText(member),
    members: [member],
  }));
  const chosen = await window.showQuickPick([all, ...single], {
    placeHolder: l10n.t('Which member is to be defragmented?'),
  });
  if (!chosen) throw cancelled();
  return chosen.members;
}
