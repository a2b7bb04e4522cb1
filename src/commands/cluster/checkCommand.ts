import { commands, env, l10n } from 'vscode';
import { checkCluster as lookAt, type Finding, type Remedy } from '../../etcd/cluster/check.ts';
import { markdownText } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { clusterTask } from './clusterTask.ts';
import { clusterTarget } from './clusterTargets.ts';

/** Looks at all members and shows what was found, as a report that can go into a ticket. */
export async function checkCluster(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const cluster = await connection.cluster();
  const findings = await clusterTask(l10n.t('Checking the cluster of {0}', connection.name), (_, signal) =>
    lookAt(cluster, signal),
  );
  const text = report(connection.name, findings);
  await context.previews.showReport(l10n.t('Check of {0}', connection.name), text);
  const copy = l10n.t('Copy as Markdown');
  const remedies = new Map(
    findings.flatMap(({ remedy }) => (remedy ? [[titleOf(remedy), `etcd.${remedy}`] as const] : [])),
  );
  void window.showInformationMessage(summary(findings), ...remedies.keys(), copy).then(async (chosen) => {
    if (chosen === copy) await env.clipboard.writeText(text);
    const command = chosen === undefined ? undefined : remedies.get(chosen);
    if (command !== undefined) await commands.executeCommand(command, connection);
  });
}

function titleOf(remedy: Remedy): string {
  switch (remedy) {
    case 'makeRoom':
      return l10n.t('Make Room…');
    case 'defragment':
      return l10n.t('Defragment…');
  }
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length;
  const [failures, warnings, hidden] = [count('failed'), count('warning'), count('notShown')];
  if (failures + warnings + hidden === 0) return l10n.t('No problem was found.');
  return l10n.t('{0} failures, {1} warnings, {2} not shown.', failures, warnings, hidden);
}

function report(name: string, findings: readonly Finding[]): string {
  const words: Readonly<Record<Finding['severity'], string>> = {
    ok: l10n.t('ok'),
    notShown: l10n.t('not shown'),
    warning: l10n.t('WARNING'),
    failed: l10n.t('FAILED'),
  };
  const lines = findings.map(({ severity, member, subject, text }) => {
    const cells = [words[severity], member ?? l10n.t('cluster'), subject, text];
    return `| ${cells.map(markdownText).join(' | ')} |`;
  });
  return [
    `# ${l10n.t('Check of the etcd cluster {0}', markdownText(name))}`,
    '',
    summary(findings),
    '',
    `| ${[l10n.t('outcome'), l10n.t('member'), l10n.t('subject'), l10n.t('found')].join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    new Date().toISOString(),
    '',
  ].join('\n');
}
