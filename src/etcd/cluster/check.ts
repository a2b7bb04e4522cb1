import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { hasExpired, lastDay } from '../http/certificateFacts.ts';
import { sizeText } from '../quantities.ts';
import { advisoriesFor } from './advisories.ts';
import { memberName, type ClusterReader, type ClusterState } from './clusterAdmin.ts';
import type { HashComparison, Member, MemberState, MemberStatus } from './clusterAdmin.ts';
import { adviceOf } from './advice.ts';
import { isWorthDefragmenting } from './defragmentation.ts';
import { figuresOf } from './figures.ts';
import { metricsOf } from './memberMetrics.ts';
import { NEARLY_FULL } from './limits.ts';
import { leaderOf } from './v3Cluster.ts';

/** What can be done about a finding: a command of the extension. */
export type Remedy =
  | 'makeRoom'
  | 'defragment'
  | 'saveSnapshot'
  | 'removeMember'
  | 'editConnection'
  | 'diagnoseConnection'
  | 'showOverview';

export interface Finding {
  readonly severity: 'ok' | 'notShown' | 'warning' | 'failed';
  /** The member that has it; undefined if it is the whole cluster's. */
  readonly member: Member | undefined;
  /** What was looked at. */
  readonly subject: string;
  /** The finding, and what to do about it. */
  readonly text: string;
  readonly remedy?: Remedy;
}

const DAYS_BEFORE_EXPIRY = 30;
const DAY = 24 * 60 * 60 * 1000;

/**
 * Looks at everything that can be known of a cluster without changing it.
 * @param cluster without `hashes`, the members' data is not compared, which reads whole databases
 * @throws EtcdError if nothing answers
 */
export async function checkCluster(
  cluster: Pick<ClusterReader, 'state' | 'metrics'> & Partial<Pick<ClusterReader, 'hashes'>>,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const state = await cluster.state(signal);
  const answering = state.members.filter(({ answer, isLearner }) => answer.kind === 'answered' && !isLearner);
  const [hashes, figures] = await Promise.all([
    cluster.hashes?.(answering, signal),
    Promise.all(answering.map((member) => metricFindings(cluster, member, signal))),
  ]);
  return [
    leaderFinding(state),
    alarmFinding(state),
    ...state.members.map(reachFinding),
    ...state.members.flatMap(spaceFindings),
    ...(hashes ? [hashFinding(answering, hashes)] : []),
    ...versionFindings(state.members),
    ...state.members.flatMap(certificateFindings),
    ...figures.flat(),
  ];
}

function leaderFinding({ members }: ClusterState): Finding {
  const [subject, id] = [l10n.t('leader'), leaderOf(members)];
  const leader = members.find((member) => member.id === id);
  if (leader) return ok(undefined, subject, l10n.t('{0} is the leader.', memberName(leader)));
  const isAnswered = members.some(({ answer }) => answer.kind === 'answered' && answer.status !== undefined);
  return isAnswered
    ? failed(
        undefined,
        subject,
        l10n.t('No member knows a leader: the cluster takes no writes. Start its other members.'),
      )
    : notShown(undefined, subject);
}

function alarmFinding({ alarms, members }: ClusterState): Finding {
  const subject = l10n.t('alarms');
  if (alarms.kind === 'hidden') return notShown(undefined, subject);
  if (alarms.kind === 'failed') return failed(undefined, subject, alarms.error.message);
  if (alarms.alarms.length === 0) return ok(undefined, subject, l10n.t('There are none.'));
  const named = alarms.alarms.map(({ kind, memberId }) => {
    const member = members.find(({ id }) => id === memberId);
    return l10n.t('{0} at {1}', kind, member ? memberName(member) : memberId.toString(16));
  });
  const isFull = alarms.alarms.some(({ kind }) => kind === 'NOSPACE');
  const isCorrupt = alarms.alarms.some(({ kind }) => kind === 'CORRUPT');
  const advice = [
    ...(isCorrupt
      ? [l10n.t('Replace the corrupt member: remove it, and add it again with an empty data folder.')]
      : []),
    ...(isFull ? [l10n.t('The database is full: make room.')] : []),
  ];
  const text = [`${named.join(', ')}.`, ...advice].join(' ');
  if (isCorrupt) return failed(undefined, subject, text, 'removeMember');
  return failed(undefined, subject, text, isFull ? 'makeRoom' : undefined);
}

function reachFinding(member: MemberState): Finding {
  const { answer } = member;
  const subject = l10n.t('reachable');
  if (answer.kind === 'notAsked')
    return {
      ...{ severity: 'notShown', member, subject, remedy: 'editConnection' },
      text: l10n.t('Not asked: no endpoint of this connection leads to it. Add its address to the endpoints.'),
    };
  if (answer.kind === 'failed') {
    const advice = l10n.t('Start it; if it is lost for ever, remove it and add a new one.');
    return failed(member, subject, [answer.error.message, advice].join(' '), 'removeMember');
  }
  if (answer.health.kind === 'learner') return ok(member, subject, l10n.t('It is a learner, and answers.'));
  return answer.health.kind === 'healthy'
    ? ok(member, subject, l10n.t('A linearizable read took {0} ms.', answer.health.milliseconds.toFixed(1)))
    : failed(member, subject, answer.health.error.message, 'diagnoseConnection');
}

function spaceFindings(member: MemberState): Finding[] {
  const [subject, status] = [l10n.t('space'), statusOf(member)];
  if (!status) return member.answer.kind === 'answered' ? [notShown(member, subject)] : [];
  const { size, sizeInUse, quota } = status;
  if (quota !== undefined && size >= quota * NEARLY_FULL) {
    const text = l10n.t('{0} of {1} are used: it will soon refuse writes. Make room.', sizeText(size), sizeText(quota));
    return [failed(member, subject, text, 'makeRoom')];
  }
  if (isWorthDefragmenting(member)) {
    const text = l10n.t('{0} of {1} are in use: defragment it.', sizeText(sizeInUse), sizeText(size));
    return [warning(member, subject, text, 'defragment')];
  }
  const limit =
    quota === undefined ? l10n.t('etcd does not report its quota.') : l10n.t('The quota is {0}.', sizeText(quota));
  return [ok(member, subject, [l10n.t('The file is {0}.', sizeText(size)), limit].join(' '))];
}

function hashFinding(members: readonly MemberState[], { revision, answers }: HashComparison): Finding {
  const subject = l10n.t('same data');
  const known = members.flatMap((member) => {
    const answer = answers.get(member.id);
    return answer?.kind === 'hashed' ? [{ member, ...answer.hash }] : [];
  });
  const failures = [...answers.values()].flatMap((answer) => (answer.kind === 'failed' ? [answer.error] : []));
  const [failure] = failures;
  if (failure) {
    const isHidden = failures.every(({ kind }) => kind === 'permissionDenied' || kind === 'unsupported');
    return isHidden ? notShown(undefined, subject, failure.message) : failed(undefined, subject, failure.message);
  }
  if (known.length === 0) return notShown(undefined, subject, l10n.t('No member with a vote was asked.'));
  // Hashes count what was kept of earlier revisions, too.
  const groups = new Map<bigint, typeof known>();
  for (const each of known) groups.set(each.compactRevision, [...(groups.get(each.compactRevision) ?? []), each]);
  const different = [...groups.values()].find((group) => new Set(group.map(({ hash }) => hash)).size > 1);
  if (different) {
    const named = different.map(({ member, hash }) => `${memberName(member)} ${hash.toString(16)}`).join(', ');
    const text = l10n.t(
      'The members hold different data at revision {0} ({1}). Save snapshots, and find out which of them is right.',
      String(revision),
      named,
    );
    return failed(undefined, subject, text, 'saveSnapshot');
  }
  if (groups.size > 1)
    return notShown(
      undefined,
      subject,
      l10n.t('The members are not compacted to the same revision yet. Check again in a moment.'),
    );
  return ok(
    undefined,
    subject,
    l10n.t('{0} members have the same hash at revision {1}.', known.length, String(revision)),
  );
}

function versionFindings(members: readonly MemberState[]): Finding[] {
  const versions = new Set(members.flatMap((member) => statusOf(member)?.version ?? []));
  const subject = l10n.t('version');
  const different =
    versions.size > 1
      ? [warning(undefined, subject, l10n.t('The members have different versions: {0}.', [...versions].join(', ')))]
      : [];
  return [
    ...different,
    ...[...versions].flatMap((version) => {
      const known = advisoriesFor(version);
      if (known.length === 0)
        return [ok(undefined, subject, l10n.t('No published fault of {0} is known here.', version))];
      return known.map(({ name, effect, fixedIn }) =>
        warning(undefined, subject, l10n.t('{0}: {1} ({2}). Update to {3} or later.', version, effect, name, fixedIn)),
      );
    }),
  ];
}

function certificateFindings(member: MemberState): Finding[] {
  const { answer } = member;
  const leaf = answer.kind === 'answered' ? answer.handshake?.server : undefined;
  if (!leaf) return [];
  const [subject, day] = [l10n.t('certificate'), lastDay(leaf)];
  if (hasExpired(leaf))
    return [failed(member, subject, l10n.t('It expired on {0}. Renew it.', day), 'diagnoseConnection')];
  const isSoon = Date.parse(leaf.validTo) - Date.now() < DAYS_BEFORE_EXPIRY * DAY;
  return isSoon
    ? [warning(member, subject, l10n.t('It expires on {0}. Renew it.', day), 'diagnoseConnection')]
    : [ok(member, subject, l10n.t('It is valid until {0}.', day))];
}

/** Reports the figures beyond their limits, or that there are none. */
async function metricFindings(
  cluster: Pick<ClusterReader, 'metrics'>,
  member: MemberState,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const subject = l10n.t('metrics');
  try {
    const figures = figuresOf(await metricsOf(cluster, member, signal));
    const beyond = figures.filter(({ severity }) => severity === 'warning' || severity === 'failed');
    if (beyond.length === 0)
      return [ok(member, subject, l10n.t('All {0} figures are within their limits.', figures.length))];
    return beyond.map(({ id, label, text, severity }) =>
      (severity === 'failed' ? failed : warning)(
        member,
        subject,
        `${label}: ${text}. ${adviceOf(id)}`.trimEnd(),
        'showOverview',
      ),
    );
  } catch (error) {
    if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
    return [notShown(member, subject, error.message)];
  }
}

function statusOf({ answer }: MemberState): MemberStatus | undefined {
  return answer.kind === 'answered' ? answer.status : undefined;
}

function ok(member: Member | undefined, subject: string, text: string): Finding {
  return { severity: 'ok', member, subject, text };
}

function warning(member: Member | undefined, subject: string, text: string, remedy?: Remedy): Finding {
  return { severity: 'warning', member, subject, text, ...(remedy && { remedy }) };
}

function failed(member: Member | undefined, subject: string, text: string, remedy?: Remedy): Finding {
  return { severity: 'failed', member, subject, text, ...(remedy && { remedy }) };
}

function notShown(
  member: Member | undefined,
  subject: string,
  text = l10n.t('etcd does not tell this to this user.'),
): Finding {
  return { severity: 'notShown', member, subject, text };
}
