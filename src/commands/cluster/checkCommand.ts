import { commands, env, l10n } from 'vscode';
import { checkCluster as lookAt, type Finding, type Remedy } from '../../etcd/cluster/check.ts';
import { memberName } from '../../etcd/cluster/clusterAdmin.ts';
import type { Connection } from '../../connections/connection.ts';
import { markdownText } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { clusterTask } from './clusterTask.ts';
import { clusterTarget } from './clusterTargets.ts';

/** Remedies that are about one member. */
const OF_MEMBERS: ReadonlySet<Remedy> = new Set<Remedy>(['defragment', 'saveSnapshot', 'removeMember']);

/** Looks at all members and shows what was found, as a report that can go into a ticket. */
export async function checkCluster(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const cluster = await connection.cluster();
  const findings = await clusterTask(l10n.t('Checking the cluster of {0}', connection.name), (_, signal) =>
    lookAt(cluster, signal),
  );
  const text = report(connection.name, findings);
  await context.previews.showReport(l10n.t('Check of {0}', connection.name), text);
  const [act, copy] = [l10n.t('What to Do…'), l10n.t('Copy as Markdown')];
  const canAct = findings.some(({ remedy }) => remedy !== undefined);
  void window.showInformationMessage(summary(findings), ...(canAct ? [act] : []), copy).then(async (chosen) => {
    if (chosen === copy) await env.clipboard.writeText(text);
    if (chosen === act) await chooseRemedy(connection, findings);
  });
}

/** Offers what can be done, finding by finding, and does what is chosen. */
async function chooseRemedy(connection: Connection, findings: readonly Finding[]): Promise<void> {
  const items = findings.flatMap(({ member, subject, text, remedy }) =>
    remedy
      ? [{ label: titleOf(remedy), description: [nameOf(member), subject].join(' · '), detail: text, remedy, member }]
      : [],
  );
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('What is to be done?') });
  if (!chosen) return;
  const { label, remedy, member } = chosen;
  const row = { id: remedy, label, description: '', severity: 'plain', context: 'member', rows: [] } as const;
  const argument = member && OF_MEMBERS.has(remedy) ? new ClusterNode({ ...row, member }, connection) : connection;
  await commands.executeCommand(`etcd.${remedy}`, argument);
}

function nameOf(member: Finding['member']): string {
  return member ? memberName(member) : l10n.t('cluster');
}

function titleOf(remedy: Remedy): string {
  switch (remedy) {
    case 'makeRoom':
      return l10n.t('Make Room…');
    case 'defragment':
      return l10n.t('Defragment…');
    case 'saveSnapshot':
      return l10n.t('Save Snapshot…');
    case 'removeMember':
      return l10n.t('Remove Member…');
    case 'editConnection':
      return l10n.t('Edit Connection…');
    case 'diagnoseConnection':
      return l10n.t('Diagnose Connection');
    case 'showOverview':
      return l10n.t('Show Cluster Overview');
  }
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length;
  const [failures, warnings, hidden] = [count('failed'), count('warning'), count('notShown')];
  if (failures + warnings + hidden === 0) return l10n.t('No problem was found.');
  return hidden === 0
    ? l10n.t('Failures: {0}, warnings: {1}.', failures, warnings)
    : l10n.t('Failures: {0}, warnings: {1}, not shown to this user: {2}.', failures, warnings, hidden);
}

function report(name: string, findings: readonly Finding[]): string {
  const words: Readonly<Record<Finding['severity'], string>> = {
    ok: l10n.t('ok'),
    notShown: l10n.t('not shown'),
    warning: l10n.t('WARNING'),
    failed: l10n.t('FAILED'),
  };
  const lines = findings.map(({ severity, member, subject, text, remedy }) => {
    const cells = [words[severity], nameOf(member), subject, text, remedy ? titleOf(remedy) : ''];
    return `| ${cells.map(markdownText).join(' | ')} |`;
  });
  return [
    `# ${l10n.t('Check of the etcd cluster {0}', markdownText(name))}`,
    '',
    summary(findings),
    '',
    `| ${[l10n.t('outcome'), l10n.t('member'), l10n.t('subject'), l10n.t('found'), l10n.t('what to do')].join(' | ')} |`,
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    new Date().toISOString(),
    '',
  ].join('\n');
}
