import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** Statuses that a gateway or a load balancer returns in place of a server. */
const PROXY_FAILURES = new Set([502, 503, 504]);

/** Error for an answer that is not etcd's, but that of another server or a proxy. */
export function notEtcdError(status: number, endpoint: string, cause?: unknown): EtcdError {
  if (PROXY_FAILURES.has(status))
    return new EtcdError(
      'unavailable',
      l10n.t(
        '{0} answered HTTP {1}: what stands in front of etcd there does not reach it, or did not wait for its answer. If that is the proxy of VS Code, add the host to the setting "http.noProxy".',
        new URL(endpoint).host,
        status,
      ),
      { cause },
    );
  const message = l10n.t(
    '{0} answered HTTP {1}, but not as etcd does. Check the port; if a proxy stands between, add the host to the setting "http.noProxy".',
    new URL(endpoint).host,
    status,
  );
  return new EtcdError('notEtcd', message, { cause });
}
