import { t } from '@vscode/l10n';
import { secondsOfGo } from './durations.ts';
import { verificationStays } from './readEtcdctl.ts';
import { variableMark } from './marks.ts';
import type { ConnectionDraft } from './connectionDraft.ts';

const STRING = '"(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`';
const CONFIG = /\bclient(v3)?\.Config\s*\{/;
const GO_LINE =
  /^(?:(?:package|import|func|var|const|type|if|for|return|defer|case|switch|else|go)\b|[)}\]]|\/\/|"|`|\w+(?:, \w+)*\s*:?=\s|\w+:\s|[\w.]+\(|\s*$)/;

/** Takes the configuration of the v2 or the v3 driver from Go source; returns false if there is none. */
export function takeGo(draft: ConnectionDraft, source: string): boolean {
  const config = CONFIG.exec(source);
  if (!config) return false;
  const code = source.replace(/^[ \t]*\/\/.*$/gm, '');
  draft.api(config[1] === undefined ? 'v2' : 'v3');
  takeEndpoints(draft, code);
  takeText(code, 'Username', (username) => draft.user(username));
  takeText(code, 'Password', (password) => draft.password(password));
  takeText(code, 'ServerName', (name) => draft.text('serverName', name));
  takeText(code, 'TrustedCAFile', (path) => draft.text('caFile', path));
  takeText(code, 'CertFile', (path) => draft.text('certFile', path));
  takeText(code, 'KeyFile', (path) => draft.text('keyFile', path));
  for (const [, path] of code.matchAll(new RegExp(`\\b(?:os|ioutil)\\.ReadFile\\(\\s*(${STRING})`, 'g')))
    draft.text('caFile', stringValue(path));
  const pair = new RegExp(`\\btls\\.LoadX509KeyPair\\(\\s*(${STRING})\\s*,\\s*(${STRING})`).exec(code);
  if (pair) {
    draft.text('certFile', stringValue(pair[1]));
    draft.text('keyFile', stringValue(pair[2]));
  }
  takeDuration(draft, code, 'connectTimeout', /\bDialTimeout:\s*([^,}\n]+)/);
  takeDuration(draft, code, 'connectTimeout', /\bnet\.Dialer\{\s*Timeout:\s*([^,}\n]+)/);
  takeDuration(draft, code, 'headerTimeout', /\bHeaderTimeoutPerRequest:\s*([^,}\n]+)/);
  takeDuration(draft, code, 'headerTimeout', /\bcontext\.WithTimeout\([^,]+,\s*([^)\n]+)\)/);
  if (/\bInsecureSkipVerify:\s*true\b/.test(code)) draft.note(verificationStays('InsecureSkipVerify'));
  if (/\bTLSClientConfig:|\bTLS:/.test(code)) draft.usesTls();
  return true;
}

/** Finds the lines of Go source with a configuration; undefined if there are none. */
export function goLines(lines: readonly string[]): { readonly start: number; readonly end: number } | undefined {
  const at = lines.findIndex((line) => CONFIG.test(line));
  if (at < 0) return undefined;
  const isGo = (index: number) => GO_LINE.test(lines[index]?.trim() ?? '');
  let start = at;
  while (start > 0 && isGo(start - 1)) start--;
  let depth = 0;
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? '';
    if (end > at && depth <= 0 && !isGo(end)) break;
    depth += line.replaceAll(/[^{(]/g, '').length - line.replaceAll(/[^})]/g, '').length;
  }
  return { start, end };
}

function takeEndpoints(draft: ConnectionDraft, code: string): void {
  const written = /\bEndpoints:\s*(\w+|\[\]string\s*\{)/.exec(code)?.[1];
  const start = written?.endsWith('{') ? 'Endpoints:\\s*' : `\\b${written}\\b[^=\\n]*=\\s*`;
  const list = new RegExp(`${start}\\[\\]string\\s*\\{([^}]*)\\}`).exec(code)?.[1];
  const literals = [...(list ?? '').matchAll(new RegExp(STRING, 'g'))].map(([literal]) => stringValue(literal));
  if (literals.length === 0) draft.note(t('The endpoints are not written as text in this Go code.'));
  literals.forEach((each) => draft.endpoint(each));
}

/** Takes a field that is a literal, or `os.Getenv` of one. */
function takeText(code: string, field: string, take: (text: string) => void): void {
  const [, name, literal] =
    new RegExp(`\\b${field}:\\s*(?:os\\.Getenv\\(\\s*(${STRING})\\s*\\)|(${STRING}))`).exec(code) ?? [];
  if (name !== undefined) take(variableMark(stringValue(name)));
  if (literal !== undefined) take(stringValue(literal));
}

function takeDuration(
  draft: ConnectionDraft,
  code: string,
  field: 'connectTimeout' | 'headerTimeout',
  pattern: RegExp,
): void {
  const expression = pattern.exec(code)?.[1]?.trim();
  if (expression !== undefined) draft.seconds(field, secondsOfGo(expression), expression);
}

/** Decodes an interpreted literal of Go, which has JSON's escapes, `\\U`, and a few that nobody needs here. */
function stringValue(literal = '""'): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  const json = literal.replaceAll(/\\(?:U(000[\da-f]{5}|0010[\da-f]{4})|.)/gi, (escape, code?: string) =>
    code === undefined ? escape : String.fromCodePoint(parseInt(code, 16)),
  );
  try {
    return String(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError) return literal.slice(1, -1);
    throw error;
  }
}
