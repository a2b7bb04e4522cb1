import { t } from '@vscode/l10n';

export type EndpointText =
  | {
      readonly kind: 'endpoint';
      /** An origin, or `//host:port` where no scheme was given. */
      readonly endpoint: string;
      readonly username?: string;
      readonly password?: string;
    }
  | { readonly kind: 'problem'; readonly message: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const UNIX_SCHEME = /^unixs?:/i;

/** Reads one endpoint, with or without scheme, user and password (URL-encoded where need be), and path. */
export function readEndpoint(written: string): EndpointText {
  const shown = withoutUser(written);
  if (UNIX_SCHEME.test(written))
    return problem(t('{0} is a Unix socket: connections go to a host and port. Use the http address.', shown));
  const scheme = SCHEME.exec(written)?.[1]?.toLowerCase();
  const text = scheme === undefined ? `http://${written}` : written;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname === '' || !['http:', 'https:'].includes(url.protocol))
    return problem(t('"{0}" is not an endpoint.', shown));
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === undefined || password === undefined)
    return problem(t('The user or the password in "{0}" is not well encoded.', shown));
  const port = scheme === undefined && url.port === '' ? defaultPort(text) : url.port && `:${url.port}`;
  return {
    kind: 'endpoint',
    endpoint: scheme === undefined ? `//${url.hostname}${port}` : url.origin,
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
  };
}

/** For messages: an endpoint as written, with nothing of a password. */
export function withoutUser(endpoint: string): string {
  return endpoint.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/i, '$1…@');
}

/** Port 80 is dropped by `URL`, though the scheme may turn out to be another. */
function defaultPort(text: string): string {
  return /:0*80(?:\/|$)/.test(text) ? ':80' : '';
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function problem(message: string): EndpointText {
  return { kind: 'problem', message };
}
