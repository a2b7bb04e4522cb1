import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../etcd/errors.ts';

/**
 * Hosts that other programs also read as one host. `URL` accepts more, such as a comma, which separates endpoints, and
 * `$(id)`, which a shell runs.
 */
const HOST = /^(?:\w[\w.-]*|\[[\da-f:.]+\])$/i;

/**
 * Returns the origin to which requests for an endpoint go.
 * @throws EtcdError `configuration` that says what is wrong with it
 */
export function endpointOrigin(endpoint: string): string {
  const trimmed = endpoint.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const wrong = (message: string) => new EtcdError('configuration', message);
  if (!url || !['http:', 'https:'].includes(url.protocol) || !HOST.test(url.hostname))
    throw wrong(
      l10n.t('"{0}" is not an endpoint. Write it as https://host:port or http://host:port.', withoutUserInfo(trimmed)),
    );
  if (url.username || url.password)
    throw wrong(
      l10n.t(
        'The endpoint {0} must not hold a user or a password. Remove them, then run "etcd: Set Credentials".',
        url.host,
      ),
    );
  if (url.pathname !== '/' || url.search || url.hash)
    throw wrong(l10n.t('The endpoint {0} must end after the port, without a path.', url.host));
  return url.origin;
}

function withoutUserInfo(text: string): string {
  return text.replace(/\/\/.*@/, '//…@');
}

/** The path at which etcd serves its metrics; an address may be written with it. */
const METRICS_PATH = /\/metrics\/?$/;

/**
 * Returns the origins that serve the members' metrics in place of the endpoints; none if the endpoints do.
 * @throws EtcdError `configuration` that says what is wrong with one
 */
export function metricsOrigins({ metricsUrl }: { readonly metricsUrl?: string | readonly string[] }): string[] {
  return metricsUrls(metricsUrl).map(metricsOrigin);
}

/** Returns the origin of an address of metrics. @throws EtcdError as `metricsOrigins` */
export function metricsOrigin(url: string): string {
  try {
    return endpointOrigin(url.trim().replace(METRICS_PATH, ''));
  } catch (error) {
    if (!EtcdError.is(error)) throw error;
    throw new EtcdError(error.kind, l10n.t('"metricsUrl" is not usable. {0}', error.message), { cause: error });
  }
}

/** Returns the addresses of metrics as a list. */
export function metricsUrls(metricsUrl: string | readonly string[] | undefined): readonly string[] {
  return typeof metricsUrl === 'string' ? [metricsUrl] : (metricsUrl ?? []);
}
