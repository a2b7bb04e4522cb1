import { t } from '@vscode/l10n';
import { unknownFields } from '../../../etcd/unknownFields.ts';
import { secondsOf } from './durations.ts';
import { readEndpoint } from './endpointText.ts';
import { verificationStays } from './readEtcdctl.ts';
import type { ConnectionDraft } from './connectionDraft.ts';

/** Long names of curl's short options that matter here or have a value. */
const LONG_NAME: Readonly<Record<string, string>> = {
  ...{ u: 'user', E: 'cert', k: 'insecure', m: 'max-time', d: 'data', H: 'header', X: 'request', o: 'output' },
  ...{ x: 'proxy', A: 'user-agent', e: 'referer', b: 'cookie', c: 'cookie-jar', w: 'write-out', T: 'upload-file' },
  ...{ F: 'form', D: 'dump-header' },
};
const WITHOUT_MEANING_WITH_VALUE = new Set([
  ...['request', 'output', 'user-agent', 'referer', 'cookie', 'cookie-jar', 'write-out', 'upload-file', 'form'],
  ...['dump-header', 'cert-type', 'key-type', 'retry', 'data-urlencode', 'retry-delay', 'tls-max', 'stderr'],
]);
const WITHOUT_MEANING = new Set([
  ...['location', 'location-trusted', 'silent', 'show-error', 'verbose', 'include', 'fail', 'get', 'globoff', 'head'],
  ...['no-buffer', 'compressed', 'http1.1', 'http2', 'ipv4', 'ipv6', 'basic', 'anyauth', 'progress-bar', 'fail-early'],
  ...['fail-with-body', 'no-progress-meter', 'tlsv1.2', 'tlsv1.3', 'path-as-is'],
]);
const DATA = new Set(['data', 'data-raw', 'data-binary', 'data-ascii', 'json']);

interface Request {
  readonly urls: string[];
  readonly data: string[];
  archive: boolean;
}

/** Takes the words that follow `curl`. */
export function takeCurl(draft: ConnectionDraft, words: readonly string[]): void {
  const request: Request = { urls: [], data: [], archive: certificateType(words) === 'P12' };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word.startsWith('--')) {
      const [, name = '', attached] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      if (takeFlag(draft, name)) continue;
      if (!takesValue(name)) draft.note(t("curl's option {0} is not known here.", `--${name}`));
      else takeValue(draft, request, name, attached ?? words[++index], `--${name}`);
    } else if (/^-./.test(word)) {
      if (takeShort(draft, request, word.slice(1), words[index + 1])) index++;
    } else request.urls.push(word);
  }
  for (const url of request.urls) takeUrl(draft, url, request.data);
}

/** Takes a word of short options, such as `sSLu`. Returns true if the last one takes the next word as its value. */
function takeShort(draft: ConnectionDraft, request: Request, letters: string, next: string | undefined): boolean {
  for (let position = 0; position < letters.length; position++) {
    const letter = letters.charAt(position);
    const name = LONG_NAME[letter];
    if (name === undefined || takeFlag(draft, name)) continue;
    const attached = letters.slice(position + 1);
    takeValue(draft, request, name, attached || next, `-${letter}`);
    return attached === '';
  }
  return false;
}

function takeFlag(draft: ConnectionDraft, name: string): boolean {
  if (name === 'insecure') draft.note(verificationStays('-k'));
  return name === 'insecure' || WITHOUT_MEANING.has(name);
}

const FIELD: Readonly<Record<string, 'caFile' | 'keyFile'>> = { cacert: 'caFile', key: 'keyFile' };
const NOT_TAKEN = new Set(['proxy', 'resolve', 'connect-to', 'capath', 'pass', 'config']);
const TAKEN = new Set(['user', 'cert', 'pinnedpubkey', 'connect-timeout', 'max-time', 'header', 'url']);

function takesValue(name: string): boolean {
  return (
    name in FIELD || NOT_TAKEN.has(name) || TAKEN.has(name) || DATA.has(name) || WITHOUT_MEANING_WITH_VALUE.has(name)
  );
}

function takeValue(
  draft: ConnectionDraft,
  request: Request,
  name: string,
  value: string | undefined,
  option: string,
): void {
  const field = FIELD[name];
  if (value === undefined) draft.note(t('The option {0} has no value.', option));
  else if (field) draft.text(field, value);
  else if (name === 'user') draft.userAndPassword(value);
  else if (name === 'cert') takeCertificate(draft, value, request.archive);
  else if (name === 'pinnedpubkey') takePins(draft, value);
  else if (name === 'connect-timeout') draft.seconds('connectTimeout', secondsOf(value), value);
  else if (name === 'max-time') draft.seconds('headerTimeout', secondsOf(value), value);
  else if (name === 'header') takeHeader(draft, value);
  else if (name === 'url') request.urls.push(value);
  else if (DATA.has(name)) request.data.push(value);
  else if (NOT_TAKEN.has(name)) draft.note(t("curl's option {0} is not taken over.", option));
}

function certificateType(words: readonly string[]): string | undefined {
  const index = words.indexOf('--cert-type');
  return index < 0 ? undefined : words[index + 1]?.toUpperCase();
}

/** Takes curl's `file:passphrase`; the colon of a drive letter does not count. */
function takeCertificate(draft: ConnectionDraft, value: string, archive: boolean): void {
  const [, path = value, passphrase] = /^((?:[A-Za-z]:[\\/])?[^:]*)(?::(.*))?$/.exec(value) ?? [];
  draft.text(archive ? 'pfxFile' : 'certFile', path);
  if (passphrase !== undefined) draft.note(t("The key's passphrase is not taken: it is asked for on connecting."));
}

function takePins(draft: ConnectionDraft, value: string): void {
  const pins = value.split(';').flatMap((each) => /^sha256\/\/(\S+)$/.exec(each)?.[1] ?? []);
  if (pins.length > 0) draft.pins(pins);
  else draft.note(t("curl's option {0} is not taken over.", '--pinnedpubkey'));
}

function takeHeader(draft: ConnectionDraft, header: string): void {
  const encoded = /^authorization:\s*basic\s+(\S+)$/i.exec(header)?.[1];
  if (encoded !== undefined) draft.userAndPassword(Buffer.from(encoded, 'base64').toString('utf8'));
}

function takeUrl(draft: ConnectionDraft, url: string, data: readonly string[]): void {
  draft.endpoint(url);
  const read = readEndpoint(url);
  const path = read.kind === 'endpoint' ? read.path : (/\/v[23](?:alpha|beta)?\/[^@]*$/.exec(url)?.[0] ?? '');
  const api = /^\/(v2|v3)(?:alpha|beta)?(?:\/|$)/.exec(path)?.[1];
  if (api === 'v2' || api === 'v3') draft.api(api);
  if (path.endsWith('/auth/authenticate')) data.forEach((each) => takeSignIn(draft, each));
}

function takeSignIn(draft: ConnectionDraft, data: string): void {
  try {
    const { name, password } = unknownFields(JSON.parse(data));
    if (typeof name === 'string') draft.user(name, typeof password === 'string' ? password : undefined);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    draft.note(t('The data of the request that signs in is not JSON.'));
  }
}
