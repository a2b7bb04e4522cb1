import { l10n, ProgressLocation, window } from 'vscode';

export interface TaskProgress {
  readonly signal: AbortSignal;
  /** @param total what is known of it so far; shown as "{0} of {1} keys" */
  readonly keys: (done: number, total?: number) => void;
}

/** Runs a long task with a notification that counts keys and has a Cancel button, which aborts the signal. */
export function cancellableTask<T>(title: string, task: (progress: TaskProgress) => Promise<T>): Thenable<T> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (report, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const keys = (done: number, total?: number) =>
      report.report({
        message:
          total === undefined
            ? l10n.t('{0} keys', done.toLocaleString())
            : l10n.t('{0} of {1} keys', done.toLocaleString(), total.toLocaleString()),
      });
    return await task({ signal: abort.signal, keys });
  });
}
