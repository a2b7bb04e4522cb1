import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** Something answered that does not speak as etcd does: another server, or a proxy. */
export function notEtcdError(status: number, endpoint: string, cause?: unknown): EtcdError {
  const message = l10n.t(
    '{0} answered HTTP {1}, but not as etcd does. Check the port; if a proxy stands between, add the host to the setting "http.noProxy".',
    new URL(endpoint).host,
    status,
  );
  return new EtcdError('notEtcd', message, { cause });
}
