import { l10n, ProgressLocation } from 'vscode';
import { keysText } from '../etcd/countText.ts';
import { window } from './text/window.ts';

export interface TaskProgress {
  readonly signal: AbortSignal;
  /** @param total as far as known; shown as "{0} of {1} keys" */
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
        message: total === undefined ? keysText(done) : l10n.t('{0} of {1}', done.toLocaleString(), keysText(total)),
      });
    return await task({ signal: abort.signal, keys });
  });
}
