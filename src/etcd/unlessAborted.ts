import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';

/**
 * Resolves as the promise does, unless the signal aborts first; nobody then waits for the promise.
 * @throws EtcdError `cancelled`, and whatever the promise rejects with
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new EtcdError('cancelled', l10n.t('Cancelled.')));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
