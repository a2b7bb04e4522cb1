import { l10n, ProgressLocation } from 'vscode';
import { diagnose, type DiagnosisStep } from '../../etcd/connect/diagnose.ts';
import type { Connection } from '../../connections/connection.ts';
import { trustText } from '../../connections/settings/trustText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { markdownText } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';

/** Tries a connection step by step and shows the findings as a report for a ticket; it contains no secret. */
export async function diagnoseConnection(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const scope = await connection.allowedScope('interactive');
  const credentials = await context.credentials.get(scope);
  const settings = await connection.etcdSettings(scope, credentials);
  const found: DiagnosisStep[] = [];
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Diagnosing {0}', connection.name),
    cancellable: true,
  };
  await window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      for await (const step of diagnose(settings, credentials, abort.signal)) {
        found.push(step);
        progress.report({ message: `${step.endpoint}: ${step.name}` });
      }
    } finally {
      settings.tunnel?.close();
    }
  });
  await context.previews.showReport(l10n.t('Diagnosis of {0}', connection.name), report(connection, found));
}

function report({ name, profile }: Connection, found: readonly DiagnosisStep[]): string {
  const { settings } = profile;
  const failed = found.find(({ outcome }) => outcome === 'failed');
  const lines = found.map(({ endpoint, name: step, outcome, detail, milliseconds }) => {
    const cells = [step, outcome === 'ok' ? l10n.t('ok') : l10n.t('FAILED'), detail, `${milliseconds.toFixed(0)} ms`];
    // An endpoint is not a link, and has no character that would end the code.
    return `| \`${endpoint}\` | ${cells.map(markdownText).join(' | ')} |`;
  });
  return [
    `# ${l10n.t('Diagnosis of the etcd connection {0}', markdownText(name))}`,
    '',
    failed ? l10n.t('What to change first: {0}', markdownText(failed.detail)) : l10n.t('Everything works.'),
    '',
    `| ${[l10n.t('endpoint'), l10n.t('step'), l10n.t('outcome'), l10n.t('found'), l10n.t('time')].join(' | ')} |`,
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    l10n.t(
      'Trusted: {0}. User: {1}.',
      markdownText(trustText(settings)),
      markdownText(settings.username ?? l10n.t('none in the settings')),
    ),
    '',
  ].join('\n');
}
