import * as l10n from '@vscode/l10n';
import { hasUnsafeDefragmentation } from '../../etcd/cluster/advisories.ts';
import { memberName, type ClusterState, type Defragmented, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { leaderOf } from '../../etcd/cluster/v3Cluster.ts';
import { sizeText } from '../../etcd/quantities.ts';

/** How large a member's database is, as far as it is reported. */
export function memberSizeText({ answer }: MemberState): string {
  const status = answer.kind === 'answered' ? answer.status : undefined;
  if (!status) return l10n.t('size not shown');
  const { size, sizeInUse, quota } = status;
  return quota === undefined
    ? l10n.t('{0}, {1} in use', sizeText(size), sizeText(sizeInUse))
    : l10n.t('{0} of {1}, {2} in use', sizeText(size), sizeText(quota), sizeText(sizeInUse));
}

/** What defragmenting does, in sentences. */
export function defragmentationEffect({ members }: ClusterState, chosen: readonly MemberState[]): string[] {
  const leader = leaderOf(members);
  const unsafe = chosen.flatMap(({ answer }) =>
    answer.kind === 'answered' && answer.status && hasUnsafeDefragmentation(answer.status.version)
      ? [answer.status.version]
      : [],
  );
  return [
    ...chosen.map((member) => `${memberName(member)}: ${memberSizeText(member)}`),
    l10n.t('While a member is defragmented it answers nothing; this takes some seconds for each GB.'),
    ...(chosen.some(({ id }) => id === leader) ? [l10n.t('The leader is among them: another may be elected.')] : []),
    ...(chosen.length > 1 ? [l10n.t('It stops at the first failure.')] : []),
    ...(unsafe.length > 0
      ? [
          l10n.t(
            'Warning: a crash of etcd {0} while it is defragmented can leave inconsistent data. Update to 3.5.6 or later first.',
            unsafe.join(', '),
          ),
        ]
      : []),
  ];
}

/** Describes the space that defragmenting a member freed. */
export function givenBack(member: MemberState, { before, after }: Defragmented): string {
  const name = memberName(member);
  return before && after
    ? l10n.t('{0} from {1} to {2}', name, sizeText(before.size), sizeText(after.size))
    : l10n.t('{0} done', name);
}
