import { t } from '@vscode/l10n';
import { hasMark, withoutMarks } from './marks.ts';

interface UrlCredentials {
  readonly username?: string;
  readonly password?: string;
  /** Set if the user or the password has characters that must be encoded in a URL; it is used as written. */
  readonly isUnencoded?: true;
}

export type EndpointText =
  | ({
      readonly kind: 'endpoint';
      /** An origin, or `//host:port` without a scheme. */
      readonly endpoint: string;
      /** The path from the slash on, or empty. */
      readonly path: string;
    } & UrlCredentials)
  /** The host or the port is a placeholder of a template. */
  | ({ readonly kind: 'placeholder'; readonly shown: string } & UrlCredentials)
  | { readonly kind: 'problem'; readonly message: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const UNIX_SCHEME = /^unixs?:/i;
/** Protocol of each scheme; if it is empty, the other settings decide. */
const SCHEMES: Readonly<Record<string, string>> = { http: 'http', https: 'https', grpc: '', grpcs: 'https' };
const HOST = /^(?:[\p{L}\p{N}_][\p{L}\p{N}._-]*|\[[\da-f:.]+\])$/iu;
/** Length limit of DNS names. */
const MAX_HOST = 253;
/** A placeholder name, as manuals write it in place of a host. */
const CAPITALS = /^(?:[A-Z]+[-_])?(?:HOST|HOSTNAME|IP|SERVER)\d?$/;
const PORT = /^\d{1,5}$/;
const ETCD_PATH = /^\/(?:(?:v2|v3|v3alpha|v3beta)(?:\/|$)|(?:version|health|metrics)(?:[/?]|$)|$)/;
const TEMPLATE = /[<>{}*…]|\.\.\.|^%\w+%$|^\[(?=[^\]]*[g-z])[^\]]*\]$/i;
const TEMPLATE_HOST =
  /^(?:x+\.x+\.x+\.x+|(?:your|my)[-_.]?(?:\w+[-_.]?)?(?:host|server|ip|domain|address|endpoint|cluster|etcd)\w{0,9})$/i;
const TEMPLATE_PORT = /^(?:\w{0,20}[-_])?(?:port|post)\w{0,3}$|^p\d?$|^[xn]+$/i;

/** Whether etcd answers a path. */
export function isEtcdPath(path: string): boolean {
  return path === '' || ETCD_PATH.test(path);
}

/** Reads one endpoint, with or without scheme, user, password and path. Messages contain no part of a password. */
export function readEndpoint(written: string): EndpointText {
  if (UNIX_SCHEME.test(written))
    return problem(
      t('{0} is a Unix socket: connections go to a host and port. Use the http address.', withoutUser(written)),
    );
  const writtenScheme = SCHEME.exec(written)?.[1];
  const scheme = writtenScheme === undefined ? '' : SCHEMES[writtenScheme.toLowerCase()];
  const { user, place, path } = parts(written.slice(writtenScheme === undefined ? 0 : writtenScheme.length + 3));
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(place) ?? [];
  const credentials = credentialsOf(user);
  const before = `${writtenScheme === undefined ? '' : `${writtenScheme}://`}${user === undefined ? '' : '…@'}`;
  if (!credentials)
    return problem(t('The user or the password in "{0}" is not well encoded.', `${before}${withoutMarks(place)}`));
  if (scheme !== undefined && isPlaceholder(host, port))
    return {
      kind: 'placeholder',
      shown: withoutMarks(`${writtenScheme ? `${writtenScheme}://` : ''}${place}`),
      ...credentials,
    };
  const address = `${scheme || 'http'}://${host}${port && `:${port}`}`;
  const isHost = host.length <= MAX_HOST && HOST.test(host) && (port === '' || PORT.test(port));
  const url = isHost && URL.canParse(address) ? new URL(address) : undefined;
  if (scheme === undefined || !url || url.hostname === '')
    return problem(t('"{0}" is not an endpoint.', `${before}${shownPlace(host, port)}`));
  // `URL` drops port 80, but the scheme may turn out to be another.
  const bare = `//${url.hostname}${Number(port) === 80 && port !== '' ? ':80' : url.port && `:${url.port}`}`;
  return { kind: 'endpoint', endpoint: scheme === '' ? bare : url.origin, path, ...credentials };
}

/** Returns an endpoint as written, but without any part of a password, for messages. */
export function withoutUser(endpoint: string): string {
  return withoutMarks(endpoint.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@'));
}

/** Hides a text after a colon that is not a port, because it may be the beginning of a password. */
function shownPlace(host: string, port: string): string {
  const shown = withoutMarks(host).slice(0, 100);
  if (port === '') return shown;
  return `${shown}:${/^\d+$/.test(port) ? port.slice(0, 12) : '…'}`;
}

/**
 * Splits what follows the scheme. A password that was not encoded may contain any of `@/?#`: the host then follows the
 * last `@`, unless the text before it is an address with one of etcd's paths.
 */
function parts(rest: string): { user?: string; place: string; path: string } {
  const first = split(rest, rest.search(/[/?#]/));
  const last = rest.lastIndexOf('@');
  const isPartOfPath = last > first.place.length && (isEtcdPath(first.path) || !/[:@]/.test(first.place));
  if (last < 0 || isPartOfPath) {
    const at = first.place.lastIndexOf('@');
    return at < 0 ? first : { user: first.place.slice(0, at), place: first.place.slice(at + 1), path: first.path };
  }
  const behind = rest.slice(last + 1);
  return { user: rest.slice(0, last), ...split(behind, behind.search(/[/?#]/)) };
}

function split(text: string, end: number): { place: string; path: string } {
  return end < 0 ? { place: text, path: '' } : { place: text.slice(0, end), path: text.slice(end) };
}

function isPlaceholder(host: string, port: string): boolean {
  if (host.length > MAX_HOST || port.length > MAX_HOST) return false;
  if ([host, port].some((each) => hasMark(each) || TEMPLATE.test(each))) return true;
  return CAPITALS.test(host) || TEMPLATE_HOST.test(host) || (HOST.test(host) && TEMPLATE_PORT.test(port));
}

/** Decodes the credentials; undefined if their encoding is wrong. */
function credentialsOf(user: string | undefined): UrlCredentials | undefined {
  if (user === undefined) return {};
  const colon = user.indexOf(':');
  const name = colon < 0 ? user : user.slice(0, colon);
  const secret = colon < 0 ? '' : user.slice(colon + 1);
  const isUnencoded = /[/?#@\s]/.test(user);
  const username = isUnencoded ? name : decode(name);
  const password = isUnencoded ? secret : decode(secret);
  if (username === undefined || password === undefined) return undefined;
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(isUnencoded && { isUnencoded }),
  };
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
