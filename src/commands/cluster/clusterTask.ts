import { l10n, ProgressLocation } from 'vscode';
import { window } from '../../ui/text/window.ts';

/** Runs a task that may take long, with a notification that shows its progress and can cancel it. */
export function clusterTask<T>(
  title: string,
  task: (report: (message: string) => void, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => {
      progress.report({ message: l10n.t('stopping…') });
      abort.abort();
    });
    return await task((message) => progress.report({ message }), abort.signal);
  });
}
