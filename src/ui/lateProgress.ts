import { ProgressLocation, type Progress } from 'vscode';
import { window } from './text/window.ts';

/** Milliseconds within which work may end without a notification. */
const MOMENT = 700;

/** Reports progress: a text and, if known, the finished part of the whole, from 0 to 1. */
export type Report = (message: string, part?: number) => void;

/**
 * Runs work with a notification that appears only if the work takes longer than a moment.
 * @param cancellable false for what cannot be taken back once it was sent
 */
export async function withLateProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
  { cancellable = true }: { readonly cancellable?: boolean } = {},
): Promise<T> {
  const abort = new AbortController();
  let last: { readonly message: string; readonly part: number } | undefined;
  let shown = 0;
  let bar: Progress<{ message: string; increment: number }> | undefined;
  const show = () => {
    if (!bar || !last) return;
    bar.report({ message: last.message, increment: 100 * (last.part - shown) });
    shown = last.part;
  };
  const result = work(abort.signal, (message, part = 0) => {
    last = { message, part };
    show();
  });
  const timer = setTimeout(() => {
    const options = { location: ProgressLocation.Notification, title, cancellable };
    void window.withProgress(options, async (progress, token) => {
      bar = progress;
      show();
      token.onCancellationRequested(() => abort.abort());
      await Promise.allSettled([result]);
    });
  }, MOMENT);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}
