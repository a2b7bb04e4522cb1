import * as l10n from '@vscode/l10n';
import type { Grant } from '../../etcd/accounts/accountAdmin.ts';
import type { Alarm, ClusterState, Member, MemberState, MemberStatus } from '../../etcd/cluster/clusterAdmin.ts';
import { memberName } from '../../etcd/cluster/clusterAdmin.ts';
import { isWorthDefragmenting } from '../../etcd/cluster/defragmentation.ts';
import { leaderOf } from '../../etcd/cluster/v3Cluster.ts';
import { MAX_LAG, NEARLY_FULL } from '../../etcd/cluster/limits.ts';
import { percentText, sizeText } from '../../etcd/quantities.ts';
import type { Severity } from '../../ui/severity.ts';

/** The user, role or grant that a row is about. */
export interface RowAccount {
  readonly user?: string;
  readonly role?: string;
  readonly grant?: Grant;
}

/** A row of the view, with those below it. */
export interface ClusterRow {
  /** Unique among its siblings, and the same when the view is drawn again. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly severity: Severity;
  /** A codicon; by default that of the row's severity. */
  readonly icon?: string;
  /** Word by which menus distinguish rows. */
  readonly context: string;
  readonly member?: Member;
  readonly account?: RowAccount;
  /** Kind of the rows below, which are read when this row is expanded. */
  readonly loads?: 'users' | 'roles' | 'leases' | 'metrics';
  readonly lease?: bigint;
  /** When its lease ends, in milliseconds since 1970; the time left is shown before its description. */
  readonly ends?: number;
  /** Command that a click on the row runs. */
  readonly command?: string;
  readonly rows: readonly ClusterRow[];
}

/** Returns the rows for a cluster: its members, its alarms, and its space. */
export function clusterRows(state: ClusterState): ClusterRow[] {
  const { members } = state;
  const leader = leaderOf(members);
  return [
    {
      ...group('members', l10n.t('Members'), 'server-environment'),
      ...membersLooks(state),
      rows: members.map((member) => memberRow(member, leader)),
    },
    alarmsRow(state),
    {
      ...group('space', l10n.t('Space'), 'database'),
      description: '',
      rows: members.map((member) => spaceRow(member, alarmsOf(state))),
    },
  ];
}

function group(id: string, label: string, icon: string) {
  return { id, label, icon, severity: 'plain', context: id } as const;
}

function membersLooks({ members, isListed }: ClusterState): Pick<ClusterRow, 'description' | 'severity'> {
  const voters = members.filter(({ isLearner }) => !isLearner);
  const count = (kind: 'good' | 'failed') => voters.filter(({ answer }) => stateOf(answer) === kind).length;
  const [healthy, failed, required] = [count('good'), count('failed'), Math.floor(voters.length / 2) + 1];
  if (!isListed) {
    const text = l10n.t('{0} that answered; etcd does not list members to this user', members.length);
    return { description: text, severity: failed > 0 ? 'warning' : 'plain' };
  }
  const text = l10n.t('{0} of {1} healthy, {2} required', healthy, voters.length, required);
  if (voters.length - failed < required) return { description: l10n.t('NO QUORUM: {0}', text), severity: 'failed' };
  return failed > 0
    ? { description: l10n.t('UNHEALTHY: {0}', text), severity: 'warning' }
    : { description: text, severity: 'plain' };
}

/** A member that was not asked may well be healthy. */
function stateOf(answer: MemberState['answer']): 'good' | 'failed' | 'hidden' {
  if (answer.kind === 'notAsked') return 'hidden';
  return answer.kind === 'answered' && answer.health.kind === 'healthy' ? 'good' : 'failed';
}

function memberRow(member: MemberState, leader: bigint): ClusterRow {
  const { answer, isLearner, id } = member;
  const row = { id: `member ${id}`, label: memberName(member), member };
  const role = isLearner ? l10n.t('learner') : id === leader ? l10n.t('leader') : l10n.t('follower');
  const context = ['member', ...(isLearner ? ['learner'] : id === leader ? ['leader'] : ['follower'])].join(';');
  const addresses = figure('addresses', l10n.t('Client addresses'), member.clientUrls.join(', ') || l10n.t('none'));
  const peers = figure('peers', l10n.t('Peer addresses'), member.peerUrls.join(', ') || l10n.t('not reported'));
  const own = [figure('id', l10n.t('Member id'), id.toString(16)), addresses, peers];
  if (answer.kind === 'notAsked') {
    const why =
      member.name === '' ? l10n.t('not started, or not reached') : l10n.t('not asked: no endpoint of this connection');
    return { ...row, context, description: `${role} · ${why}`, severity: 'hidden', rows: own };
  }
  if (answer.kind === 'failed') {
    const failure: ClusterRow = { ...figure('failure', l10n.t('Failure'), answer.error.message), severity: 'failed' };
    return { ...row, context, description: l10n.t('no answer'), severity: 'failed', rows: [failure, ...own] };
  }
  const { status, health } = answer;
  const latency = health.kind === 'healthy' ? [l10n.t('{0} ms', health.milliseconds.toFixed(1))] : [];
  const sick = health.kind === 'unhealthy' ? [l10n.t('unhealthy')] : [];
  const figures = status ? figuresOf(status) : [hiddenFigures()];
  const sickness: ClusterRow[] =
    health.kind === 'unhealthy'
      ? [{ ...figure('failure', l10n.t('Failure'), health.error.message), severity: 'failed' }]
      : [];
  const read = health.kind === 'healthy' ? [figure('read', l10n.t('Linearizable read'), latency.join(''))] : [];
  const version = status && status.version !== '' ? [status.version] : [];
  return {
    ...row,
    context,
    description: [...(status ? [role] : []), ...version, ...sick, ...latency].join(' · '),
    severity: health.kind === 'unhealthy' ? 'failed' : 'good',
    ...(id === leader && health.kind === 'healthy' && { icon: 'star-full' }),
    rows: [...sickness, ...figures, ...read, ...own, metricGroup(member)],
  };
}

function figuresOf(status: MemberStatus): ClusterRow[] {
  const { version, size, sizeInUse, quota, raftTerm, raftIndex, raftAppliedIndex, errors, revision } = status;
  const lag = raftIndex - raftAppliedIndex;
  const isBehind = lag > MAX_LAG;
  const applied = isBehind
    ? l10n.t('{0} ({1} behind, more than {2})', String(raftAppliedIndex), String(lag), String(MAX_LAG))
    : l10n.t('{0} ({1} behind)', String(raftAppliedIndex), String(lag));
  return [
    ...errors.map((error, index): ClusterRow => ({
      ...figure(`error ${index}`, l10n.t('Error'), error),
      severity: 'failed',
    })),
    figure('version', l10n.t('Version'), version),
    figure('size', l10n.t('Database size'), sizeText(size)),
    figure('inUse', l10n.t('In use'), sizeText(sizeInUse)),
    figure('quota', l10n.t('Quota'), quota === undefined ? l10n.t('not reported by this etcd') : sizeText(quota)),
    figure('revision', l10n.t('Revision'), String(revision)),
    figure('term', l10n.t('Raft term'), String(raftTerm)),
    figure('index', l10n.t('Raft index'), String(raftIndex)),
    { ...figure('applied', l10n.t('Applied index'), applied), severity: isBehind ? 'warning' : 'plain' },
  ];
}

/** Returns the row whose figures are read when it is expanded. */
function metricGroup(member: Member): ClusterRow {
  const row = { ...group('metrics', l10n.t('Metrics'), 'graph'), member, rows: [] };
  return { ...row, description: l10n.t('since its start'), loads: 'metrics' };
}

function hiddenFigures(): ClusterRow {
  return { ...figure('figures', l10n.t('Figures'), l10n.t('not shown to this user by etcd')), severity: 'hidden' };
}

function alarmsRow({ alarms, members }: ClusterState): ClusterRow {
  const row = { ...group('alarms', l10n.t('Alarms'), 'bell'), rows: [] };
  if (alarms.kind === 'hidden')
    return { ...row, description: l10n.t('not shown to this user by etcd'), severity: 'hidden' };
  if (alarms.kind === 'failed')
    return {
      ...row,
      description: l10n.t('not known'),
      severity: 'warning',
      rows: [{ ...figure('failure', l10n.t('Failure'), alarms.error.message), severity: 'warning' }],
    };
  const count = alarms.alarms.length;
  return {
    ...row,
    description: count === 0 ? l10n.t('none') : String(count),
    severity: count === 0 ? 'good' : 'failed',
    rows: alarms.alarms.map((alarm) => {
      const at = members.find(({ id }) => id === alarm.memberId);
      const name = at ? memberName(at) : alarm.memberId.toString(16);
      return {
        ...figure(`${alarm.kind} ${alarm.memberId}`, alarm.kind, l10n.t('{0} at {1}', alarmText(alarm), name)),
        severity: 'failed',
        context: `alarm;${alarm.kind}`,
      };
    }),
  };
}

function alarmText({ kind }: Alarm): string {
  if (kind === 'NOSPACE') return l10n.t('full: no writes');
  return kind === 'CORRUPT' ? l10n.t('corrupt data') : l10n.t('unknown');
}

function alarmsOf({ alarms }: ClusterState): readonly Alarm[] {
  return alarms.kind === 'reported' ? alarms.alarms : [];
}

function spaceRow(member: MemberState, alarms: readonly Alarm[]): ClusterRow {
  const row = { id: `space ${member.id}`, label: memberName(member), context: 'space', member, rows: [] };
  const status = member.answer.kind === 'answered' ? member.answer.status : undefined;
  if (!status) return { ...row, description: l10n.t('not shown'), severity: 'hidden' };
  const { size, sizeInUse, quota } = status;
  const share = quota === undefined ? 0 : size / quota;
  const isFull = alarms.some(({ memberId, kind }) => memberId === member.id && kind === 'NOSPACE');
  const isNearlyFull = share >= NEARLY_FULL;
  const isSparse = isWorthDefragmenting(member);
  const sizes =
    quota === undefined
      ? l10n.t('{0}, {1} in use', sizeText(size), sizeText(sizeInUse))
      : l10n.t(
          '{0} of {1} ({2}), {3} in use',
          sizeText(size),
          sizeText(quota),
          percentText(share, 0),
          sizeText(sizeInUse),
        );
  const words = [
    ...(isFull ? [l10n.t('FULL')] : isNearlyFull ? [l10n.t('NEARLY FULL')] : []),
    ...(isSparse ? [l10n.t('DEFRAGMENT')] : []),
  ];
  return {
    ...row,
    description: [...words, sizes].join(' · '),
    severity: isFull || isNearlyFull ? 'failed' : isSparse ? 'warning' : 'good',
  };
}

function figure(id: string, label: string, description: string): ClusterRow {
  return { id, label, description, severity: 'plain', icon: 'dash', context: 'figure', rows: [] };
}
