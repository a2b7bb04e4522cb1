import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';

/** Creates the error of work that the user ended. */
export function cancelled(reason?: unknown): EtcdError {
  return new EtcdError('cancelled', l10n.t('Cancelled.'), { cause: reason });
}

/** @throws EtcdError `cancelled` if the signal has aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal.reason);
}

/**
 * Resolves as the promise does, unless the signal aborts first; nobody then waits for the promise.
 * @throws EtcdError `cancelled`, and whatever the promise rejects with
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(cancelled());
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
