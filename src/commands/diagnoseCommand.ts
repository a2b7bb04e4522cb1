import { l10n, ProgressLocation, window, workspace } from 'vscode';
import { diagnose, type DiagnosisStep } from '../etcd/diagnose.ts';
import type { Connection } from '../connections/connection.ts';
import type { CommandContext } from './commandContext.ts';
import { connectionTarget } from './targets.ts';

/** Tries a connection step by step and opens what was found as a document that can go into a ticket: no secret is in it. */
export async function diagnoseConnection(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const scope = await connection.allowedScope('interactive');
  const credentials = await context.credentials.get(scope);
  const settings = connection.etcdSettings(scope);
  const found: DiagnosisStep[] = [];
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Diagnosing {0}', connection.name),
    cancellable: true,
  };
  await window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    for await (const step of diagnose(settings, credentials, abort.signal)) {
      found.push(step);
      progress.report({ message: `${step.endpoint}: ${step.name}` });
    }
  });
  const document = await workspace.openTextDocument({ language: 'markdown', content: report(connection, found) });
  await window.showTextDocument(document, { preview: false });
}

function report({ name, profile }: Connection, found: readonly DiagnosisStep[]): string {
  const { settings } = profile;
  const failed = found.find(({ outcome }) => outcome === 'failed');
  const lines = found.map(({ endpoint, name: step, outcome, detail, milliseconds }) => {
    const cells = [
      endpoint,
      step,
      outcome === 'ok' ? l10n.t('ok') : l10n.t('FAILED'),
      detail,
      `${milliseconds.toFixed(0)} ms`,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  });
  const trust =
    settings.caFile ??
    (settings.ca === undefined ? l10n.t("the system's authorities") : l10n.t('text in the settings'));
  return [
    `# ${l10n.t('Diagnosis of the etcd connection {0}', name)}`,
    '',
    failed ? l10n.t('What to change first: {0}', failed.detail) : l10n.t('Everything works.'),
    '',
    `| ${[l10n.t('endpoint'), l10n.t('step'), l10n.t('outcome'), l10n.t('found'), l10n.t('time')].join(' | ')} |`,
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    l10n.t('Trusted: {0}. User: {1}.', trust, settings.username ?? l10n.t('none in the settings')),
    '',
  ].join('\n');
}
