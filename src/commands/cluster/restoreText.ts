import { l10n } from 'vscode';
import { memberName, type Member } from '../../etcd/cluster/clusterAdmin.ts';
import { markdownText } from '../../ui/text/markdown.ts';
import { shellWord } from '../../connections/formats/write/quoting.ts';

/** Explains how to restore these members from a snapshot; also returns the commands alone. */
export function restoreText(members: readonly Member[], file: string): { text: string; commands: string } {
  const voters = members.filter(({ isLearner, peerUrls }) => !isLearner && peerUrls.length > 0);
  const cluster = voters.flatMap((member) => member.peerUrls.map((url) => `${memberName(member)}=${url}`)).join(',');
  const lines = voters.map((member) => {
    const name = memberName(member);
    return [
      `etcdutl snapshot restore ${shellWord(file)}`,
      `--name ${shellWord(name)}`,
      `--initial-cluster ${shellWord(cluster)}`,
      `--initial-advertise-peer-urls ${shellWord(member.peerUrls.join(','))}`,
      `--data-dir ${shellWord(`${name}.restored`)}`,
    ].join(' ');
  });
  const commands = [`etcdutl snapshot status ${shellWord(file)} -w table`, ...lines].join('\n');
  const fence = fenceFor(commands);
  const text = [
    `# ${l10n.t('Restore this cluster from a snapshot')}`,
    '',
    l10n.t(
      'A restore makes a new cluster with new member ids: everything that was written after the snapshot is lost, and all members are restored from the same file.',
    ),
    '',
    `1. ${l10n.t('Stop all members, and whatever writes to them.')}`,
    `2. ${l10n.t('Copy the file to the machine of each member.')}`,
    `3. ${l10n.t('Run the line of each member there. With etcd 3.4 the program is etcdctl instead of etcdutl.')}`,
    `4. ${l10n.t('Start each member with its restored folder as --data-dir.')}`,
    '',
    ...(voters.length === 0
      ? [l10n.t('etcd does not tell the members to this user, so their lines cannot be given.'), '']
      : []),
    `${fence}sh`,
    commands,
    fence,
    '',
    markdownText(
      l10n.t('For Kubernetes, also raise the revisions: see --bump-revision and --mark-compacted of etcdutl.'),
    ),
    '',
  ].join('\n');
  return { text, commands };
}

/** Returns a fence for a text in Markdown, longer than any such row of characters in the text. */
function fenceFor(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([marks]) => marks.length));
  return '`'.repeat(longest + 1);
}
