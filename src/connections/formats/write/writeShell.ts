import { createHash } from 'node:crypto';
import { t } from '@vscode/l10n';
import { prefixEnd } from '../../../etcd/keys/ranges.ts';
import { hereDocument, shellWord } from './quoting.ts';
import { keyArgument, leaveOutTls, PASSWORD_PLACEHOLDER, PASSWORD_VARIABLE, v2Path, type Copy } from './copy.ts';

/** Limit of the keys that a copied command lists. */
const LIST_LIMIT = 100;

export function curlV2(copy: Copy): string {
  return withCertificate(copy, [...curlStart(copy, 'v2'), v2Address(copy)].join(' '));
}

/** Writes commands that sign in, if the connection has a user, and query the JSON gateway. */
export function curlV3(copy: Copy): string {
  const { key, prefix, revision } = copy;
  const from = key.length > 0 ? key : Uint8Array.of(0);
  const range = {
    key: base64(from),
    ...(prefix && { range_end: base64(key.length > 0 ? prefixEnd(key) : from), keys_only: true, limit: LIST_LIMIT }),
    ...(revision !== undefined && { revision: String(revision) }),
  };
  const body = shellWord(JSON.stringify(range));
  return withSignIn(copy, (header) =>
    [...curlStart(copy), ...header, '-d', body, v3Address(copy, 'kv/range')].join(' '),
  );
}

/** Starts a curl command with the connection's options: for the JSON gateway, or for v2 with the user's password. */
export function curlStart(copy: Copy, api: 'v2' | 'v3' = 'v3'): string[] {
  const options = curlOptions(copy);
  return api === 'v2' ? ['curl', '-L', ...options, ...userOption(copy, '-u')] : ['curl', '-sS', ...options];
}

export function v2Address(copy: Copy): string {
  const path = v2Path(copy).split('/').map(encodeURIComponent).join('/');
  return shellWord(`${firstEndpoint(copy)}/v2/keys${path}`);
}

export function v3Address(copy: Copy, path: string): string {
  return shellWord(`${firstEndpoint(copy)}/v3/${path}`);
}

/**
 * Writes commands for the JSON gateway, after one that signs in if the connection has a user.
 * @param ask receives curl's options for the sign-in
 */
export function withSignIn(copy: Copy, ask: (header: readonly string[]) => string): string {
  const { username } = copy.connection;
  if (username === undefined) return withCertificate(copy, ask([]));
  const { prelude, json } = signInData(copy, username);
  const signIn = [...curlStart(copy), '-d', json, v3Address(copy, 'auth/authenticate')].join(' ');
  const token = String.raw`sed 's/.*"token": *"\([^"]*\)".*/\1/'`;
  return withCertificate(
    copy,
    [...prelude, `TOKEN=$(${signIn} | ${token})`, ask(['-H', '"Authorization: $TOKEN"'])].join('\n'),
  );
}

export function etcdctlV2(copy: Copy): string {
  const command = [...etcdctlV2Start(copy), copy.prefix ? 'ls' : 'get', shellWord(v2Path(copy))];
  return withCertificate(copy, command.join(' '));
}

/** Starts an etcdctl command for v2 with the connection's flags. */
export function etcdctlV2Start(copy: Copy): string[] {
  const { connection } = copy;
  leaveOutTls(copy, ['serverName', 'pinnedSha256', 'pfxFile']);
  if (connection.connectTimeout !== undefined) copy.leaveOut(t('This form has no words for {0}.', 'connectTimeout'));
  return [
    ...['ETCDCTL_API=2', 'etcdctl'],
    ...fileOptions(copy, ['--ca-file', '--cert-file', '--key-file']),
    ...(connection.sync ? [] : ['--no-sync']),
    ...['--endpoints', shellWord(connection.endpoints.join(','))],
    ...option('--timeout', duration(connection.headerTimeout)),
    ...userOption(copy, '-u'),
  ];
}

export function etcdctlV3(copy: Copy): string {
  const key = keyArgument(copy);
  const command = [
    ...etcdctlV3Start(copy),
    'get',
    ...(copy.prefix || key === undefined ? ['--prefix', '--keys-only', `--limit=${LIST_LIMIT}`] : []),
    ...(copy.revision === undefined ? [] : [`--rev=${copy.revision}`]),
    ...(key?.startsWith('-') ? ['--'] : []),
    shellWord(key ?? ''),
  ];
  return withCertificate(copy, command.join(' '));
}

/**
 * Starts an etcdctl command for v3 with the connection's flags. etcdctl uses v3 by default since etcd 3.4, and does not
 * know ETCDCTL_API from 3.6 on.
 */
export function etcdctlV3Start(copy: Copy): string[] {
  const { connection } = copy;
  leaveOutTls(copy, ['serverName', 'pinnedSha256', 'pfxFile']);
  return [
    'etcdctl',
    ...fileOptions(copy, ['--cacert', '--cert', '--key']),
    ...['--endpoints', shellWord(connection.endpoints.join(','))],
    ...option('--dial-timeout', duration(connection.connectTimeout)),
    ...option('--command-timeout', duration(connection.headerTimeout)),
    ...userOption(copy, '--user'),
  ];
}

/** Writes the variables for etcdctl, of the version in the connection's `api`. */
export function environmentLines(copy: Copy): string {
  const { connection } = copy;
  leaveOutTls(copy, ['serverName', 'pinnedSha256', 'pfxFile']);
  const v2 = connection.api === 'v2';
  const timeouts = v2
    ? { TIMEOUT: duration(connection.headerTimeout) }
    : {
        DIAL_TIMEOUT: duration(connection.connectTimeout),
        COMMAND_TIMEOUT: duration(connection.headerTimeout),
      };
  const values: Record<string, string | undefined> = {
    API: v2 ? '2' : undefined,
    ENDPOINTS: connection.endpoints.join(','),
    [v2 ? 'CA_FILE' : 'CACERT']: caFile(copy),
    [v2 ? 'CERT_FILE' : 'CERT']: connection.certFile,
    [v2 ? 'KEY_FILE' : 'KEY']: connection.keyFile,
    ...timeouts,
  };
  const lines = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`export ETCDCTL_${name}=${shellWord(value)}`],
  );
  const [, user] = userOption(copy, '');
  const userLines = user === undefined ? [] : [`export ETCDCTL_${v2 ? 'USERNAME' : 'USER'}=${user}`];
  return withCertificate(copy, [...lines, ...userLines].join('\n'));
}

function curlOptions(copy: Copy): string[] {
  const { connection, leaveOut } = copy;
  leaveOutTls(copy, ['serverName', 'pinnedSha256']);
  if (connection.endpoints.length > 1) leaveOut(t('curl asks one endpoint: the first one is copied.'));
  return [
    ...fileOptions(copy, ['--cacert', '--cert', '--key']),
    ...(connection.pfxFile === undefined ? [] : ['--cert-type', 'P12', '--cert', shellWord(connection.pfxFile)]),
    ...option('--connect-timeout', connection.connectTimeout?.toString()),
    ...option('--max-time', connection.headerTimeout?.toString()),
  ];
}

function fileOptions(copy: Copy, [ca, cert, key]: readonly [string, string, string]): string[] {
  const { certFile, keyFile } = copy.connection;
  return [...option(ca, caFile(copy)), ...option(cert, certFile), ...option(key, keyFile)];
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, shellWord(value)];
}

/** Writes the option for `user:password`; the shell expands a password that is a variable. */
function userOption({ connection, password }: Copy, name: string): string[] {
  const { username } = connection;
  if (username === undefined) return [];
  if (password.kind === 'variable') return [name, `${shellWord(username)}:"$${PASSWORD_VARIABLE}"`];
  return [name, shellWord(`${username}:${password.kind === 'literal' ? password.password : PASSWORD_PLACEHOLDER}`)];
}

/** Writes the JSON that signs in; `sed` first escapes the value of a variable for JSON. */
function signInData({ password }: Copy, name: string): { prelude: string[]; json: string } {
  if (password.kind !== 'variable') {
    const text = password.kind === 'literal' ? password.password : PASSWORD_PLACEHOLDER;
    return { prelude: [], json: shellWord(JSON.stringify({ name, password: text })) };
  }
  const json = JSON.stringify({ name, password: '' }).slice(0, -2);
  const escaped = `${PASSWORD_VARIABLE}_JSON`;
  return {
    prelude: [String.raw`${escaped}=$(printf %s "$${PASSWORD_VARIABLE}" | sed 's/[\\"]/\\&/g')`],
    json: `${shellWord(json)}"$${escaped}"'"}'`,
  };
}

/** Returns the certificate's file; if the connection has the certificate as text, a name made from its content. */
function caFile({ connection: { ca, caFile: file } }: Copy): string | undefined {
  if (ca === undefined) return file;
  return `etcd-${createHash('sha256').update(ca).digest('hex').slice(0, 8)}.crt`;
}

/** Writes the certificate's file first, if the connection has the certificate as text. */
export function withCertificate(copy: Copy, text: string): string {
  const { ca } = copy.connection;
  return ca === undefined ? text : `cat > ${caFile(copy)} ${hereDocument(ca.trim())}\n${text}`;
}

function firstEndpoint({ connection }: Copy): string {
  return connection.endpoints[0] ?? '';
}

/** Writes seconds as etcdctl reads them. */
function duration(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
