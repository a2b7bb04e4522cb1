import { l10n } from 'vscode';
import { memberName, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { quorumEffect, quorumText, type MembershipChange } from '../../etcd/cluster/quorum.ts';
import { leaderOf } from '../../etcd/cluster/v3Cluster.ts';
import type { Connection } from '../../connections/connection.ts';
import type { Confirmation } from '../../ui/confirm.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { changeCluster, confirmChange, memberTarget, stateOf, writableCluster } from './clusterTargets.ts';

/** Makes another member the leader. */
export async function moveLeader(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const { members } = await stateOf(connection);
  const leader = leaderOf(members);
  const mayLead = ({ id, isLearner, answer }: MemberState) =>
    id !== leader && !isLearner && answer.kind === 'answered' && answer.health.kind === 'healthy';
  const to = await memberTarget({ members }, argument, l10n.t('Which member is to be the leader?'), mayLead);
  const from = members.find(({ id }) => id === leader);
  const yes = await confirmChange(
    connection,
    l10n.t('Make {0} the leader of {1}?', memberName(to), connection.name),
    [
      ...(from ? [l10n.t('The leader now is {0}.', memberName(from))] : []),
      l10n.t('Writes wait for a moment while leadership moves. The quorum stays as it is.'),
    ],
    l10n.t('Move Leader'),
  );
  if (!yes) throw cancelled();
  await changeCluster(connection, yes, (cluster) => cluster.moveLeader(to));
  done(context, connection, l10n.t('{0} is the leader of {1}.', memberName(to), connection.name));
}

/** Adds a member, as a learner or with a vote. */
export async function addMember(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const { members } = await stateOf(connection);
  const kinds = [
    {
      label: l10n.t('As a learner'),
      description: l10n.t('without a vote until it is promoted'),
      change: { kind: 'addLearner' } as const,
    },
    {
      label: l10n.t('With a vote'),
      description: l10n.t('counts at once, before it has started'),
      change: { kind: 'add' } as const,
    },
  ];
  const chosen = await window.showQuickPick(kinds, { placeHolder: l10n.t('How is the member to be added?') });
  if (!chosen) throw cancelled();
  const peerUrls = await askPeerUrls(l10n.t('Peer Address of the New Member'), '');
  const { yes, mayLoseQuorum } = await confirmMembership(
    connection,
    members,
    chosen.change,
    l10n.t('Add a member at {0} to {1}?', peerUrls.join(', '), connection.name),
    l10n.t('Add Member'),
    connection.name,
  );
  const isLearner = chosen.change.kind === 'addLearner';
  const id = await changeCluster(connection, yes, (cluster) =>
    cluster.addMember(peerUrls, { isLearner, mayLoseQuorum }),
  );
  const next = l10n.t('Start it with --initial-cluster-state existing.');
  done(context, connection, [l10n.t('The member {0} was added.', id.toString(16)), next].join(' '));
}

/** Gives a learner its vote. */
export async function promoteMember(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const { members } = await stateOf(connection);
  const question = l10n.t('Which learner is to be promoted?');
  const member = await memberTarget({ members }, argument, question, ({ isLearner }) => isLearner);
  const { yes, mayLoseQuorum } = await confirmMembership(
    connection,
    members,
    { kind: 'promote', id: member.id },
    l10n.t('Give {0} of {1} a vote?', memberName(member), connection.name),
    l10n.t('Promote'),
    memberName(member),
  );
  await changeCluster(connection, yes, (cluster) => cluster.promote(member, { mayLoseQuorum }));
  done(context, connection, l10n.t('{0} has a vote now.', memberName(member)));
}

/** Gives a member other peer addresses. */
export async function updateMember(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const { members } = await stateOf(connection);
  const member = await memberTarget({ members }, argument, l10n.t('Which member has another peer address?'));
  const peerUrls = await askPeerUrls(l10n.t('Peer Addresses of {0}', memberName(member)), member.peerUrls.join(','));
  const promotes = member.isLearner
    ? [l10n.t('Before etcd 3.6.12 this can promote a learner by accident: look at it afterwards.')]
    : [];
  const { yes, mayLoseQuorum } = await confirmMembership(
    connection,
    members,
    { kind: 'update', id: member.id },
    l10n.t('Change the peer addresses of {0}?', memberName(member)),
    l10n.t('Change Addresses'),
    memberName(member),
    [
      l10n.t('From {0} to {1}.', member.peerUrls.join(', '), peerUrls.join(', ')),
      l10n.t('The other members reach it at the new addresses only. Until they do, it counts as unhealthy.'),
      ...promotes,
    ],
  );
  await changeCluster(connection, yes, (cluster) => cluster.updateMember(member, peerUrls, { mayLoseQuorum }));
  done(context, connection, l10n.t('The others now reach {0} at {1}.', memberName(member), peerUrls.join(', ')));
}

/** Removes a member from the cluster permanently. */
export async function removeMember(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const { members } = await stateOf(connection);
  const member = await memberTarget({ members }, argument, l10n.t('Which member is to be removed?'));
  const { yes, mayLoseQuorum } = await confirmMembership(
    connection,
    members,
    { kind: 'remove', id: member.id },
    l10n.t('Remove {0} from {1}?', memberName(member), connection.name),
    l10n.t('Remove Member'),
    memberName(member),
    [l10n.t('It stops, and its data cannot join the cluster again.')],
  );
  await changeCluster(connection, yes, (cluster) => cluster.removeMember(member, { mayLoseQuorum }));
  done(context, connection, l10n.t('{0} was removed from {1}.', memberName(member), connection.name));
}

/** Asks with the effect on the quorum. If the quorum would be lost, the user must type the member's name. */
async function confirmMembership(
  connection: Connection,
  members: readonly MemberState[],
  change: MembershipChange,
  message: string,
  button: string,
  name: string,
  more: readonly string[] = [],
): Promise<{ readonly yes: Confirmation; readonly mayLoseQuorum: boolean }> {
  const effect = quorumEffect(members, change);
  const detail = [quorumText(effect), ...more];
  const typed = effect.losesQuorum || change.kind === 'remove' ? name : undefined;
  const yes = await confirmChange(
    connection,
    message,
    detail,
    button,
    ...(typed === undefined ? [] : ([typed] as const)),
  );
  if (!yes) throw cancelled();
  return { yes, mayLoseQuorum: effect.losesQuorum };
}

async function askPeerUrls(title: string, value: string): Promise<string[]> {
  const urls = (text: string) => text.split(',').map((each) => each.trim());
  const isUrl = (text: string) => /^https?:\/\/[^/?#\s]+:\d+\/?$/.test(text) && URL.canParse(text);
  const typed = await window.showInputBox({
    title,
    value,
    prompt: l10n.t('Several are separated by commas.'),
    placeHolder: 'https://10.0.0.4:2380',
    ignoreFocusOut: true,
    validateInput: (text) =>
      urls(text).every(isUrl) ? undefined : l10n.t('Type an address with its port, such as https://10.0.0.4:2380.'),
  });
  if (typed === undefined || typed === '') throw cancelled();
  return urls(typed);
}

function done({ clusterView }: CommandContext, connection: Connection, message: string): void {
  clusterView.refresh(connection);
  void window.showInformationMessage(message);
}
