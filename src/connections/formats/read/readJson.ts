import { t } from '@vscode/l10n';
import { getNodeValue, parseTree, type ParseError } from 'jsonc-parser';
import { EtcdError } from '../../../etcd/errors.ts';
import { certificateText } from '../../../etcd/http/pem.ts';
import { unknownFields } from '../../../etcd/unknownFields.ts';
import { readProfiles } from '../../settings/connectionProfile.ts';
import { isEtcdPath, readEndpoint } from './endpointText.ts';
import type { ConnectionDraft, OwnSettings } from './connectionDraft.ts';
import { marked } from './marks.ts';
import { takeVariable } from './readEtcdctl.ts';
import type { Take } from './readCommands.ts';

/** The connections in a JSON value, and the text around it. */
interface FoundJson {
  readonly rest: string;
  /** One entry for each connection. */
  readonly takes: readonly Take[];
}

const TEXTS = ['ca', 'caFile', 'certFile', 'keyFile', 'pfxFile', 'serverName'] as const;
const MAX_DEPTH = 50;
const MAX_VALUES = 20_000;
const SETTING = /"etcd\.connections"\s*:/;
const ENTRY = /^(?:name|endpoints|username|ca|caFile|certFile|keyFile|pfxFile|pinnedSha256)$/;
const BASE64_PEM = /^LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]+$/;

/** Finds an entry of `etcd.connections`, or a hosting console's credentials, in a text; undefined if it has neither. */
export function findJson(text: string): FoundJson | undefined {
  const setting = SETTING.exec(text);
  const start = setting ? setting.index : text.search(/^[ \t]*[[{]/m);
  if (start < 0 || isTooDeep(text, start)) return undefined;
  const fragment = setting ? `{${text.slice(start)}` : text.slice(start);
  const errors: ParseError[] = [];
  const node = parseTree(fragment, errors, { allowTrailingComma: true });
  if (!node) return undefined;
  const value: unknown = getNodeValue(node);
  const takes = takesOf(value);
  if (takes.length === 0) return undefined;
  const length = node.length + node.offset - (setting ? 1 : 0);
  // The braces around the setting in its file mean nothing here.
  const rest = `${text.slice(0, start).replace(setting ? /\{\s*$/ : /$^/, '')}\n${text.slice(start + length)}`;
  return { rest: setting ? rest.replaceAll(/^\s*[{}]\s*$/gm, '') : rest, takes };
}

function isTooDeep(text: string, start: number): boolean {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function takesOf(value: unknown): Take[] {
  const setting = unknownFields(value)['etcd.connections'];
  if (Array.isArray(setting)) return entryTakes(setting);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every(isEntry)) return entryTakes(list);
  const found = new ConsoleCredentials(value);
  return found.isEmpty ? [] : [(draft) => found.take(draft)];
}

/** Whether a value is an entry: it has a list of endpoints, and only this extension's fields. */
function isEntry(value: unknown): boolean {
  const fields = unknownFields(value);
  const names = Object.keys(fields);
  return Array.isArray(fields['endpoints']) && names.some((name) => name !== 'endpoints' && ENTRY.test(name));
}

function entryTakes(list: readonly unknown[]): Take[] {
  return list.map((entry) => {
    const [profile] = readProfiles([entry], 'user');
    const isNamed = typeof unknownFields(entry)['name'] === 'string';
    return (draft) => {
      if (!profile) return;
      const { endpoints, username, name, api, sync, connectTimeout, headerTimeout, pinnedSha256, ...others } =
        profile.settings;
      const { ca, caFile, certFile, keyFile, pfxFile, serverName, ...own } = others;
      endpoints.forEach((each) => draft.endpoint(each));
      if (username !== undefined) draft.user(username);
      const texts = { ca, caFile, certFile, keyFile, pfxFile, serverName };
      for (const field of TEXTS) if (texts[field] !== undefined) draft.text(field, texts[field]);
      if (pinnedSha256) draft.pins(pinnedSha256);
      if (api !== undefined)
        draft.note(t('The setting "api" is not used: a connection finds out what its server speaks.'));
      if (sync) draft.sync(true);
      if (connectTimeout !== undefined) draft.seconds('connectTimeout', connectTimeout, String(connectTimeout));
      if (headerTimeout !== undefined) draft.seconds('headerTimeout', headerTimeout, String(headerTimeout));
      const settings: OwnSettings = { ...(isNamed && { name }), ...own };
      draft.own(settings);
      const known = new Set(Object.keys(profile.settings));
      const unused = Object.keys(unknownFields(entry)).filter((field) => !known.has(field) && field !== 'name');
      if (unused.length > 0) draft.note(t('These settings are not used: {0}.', unused.join(', ').slice(0, 200)));
    };
  });
}

/** A console's credentials: endpoints, a user, a password and a certificate, wherever they are. */
class ConsoleCredentials {
  readonly #endpoints = new Set<string>();
  readonly #certificates = new Set<string>();
  readonly #usernames = new Set<string>();
  readonly #passwords = new Set<string>();
  readonly #pages = new Set<string>();
  readonly #variables = new Map<string, string>();
  #values = 0;

  constructor(value: unknown) {
    this.#visit('', value, 0);
  }

  get isEmpty(): boolean {
    return this.#endpoints.size === 0 && this.#variables.size === 0;
  }

  take(draft: ConnectionDraft): void {
    for (const [name, value] of this.#variables) takeVariable(draft, name, value);
    for (const each of this.#endpoints) draft.endpoint(each);
    for (const each of this.#usernames) draft.user(each);
    for (const each of this.#passwords) draft.password(each);
    for (const each of this.#pages) draft.note(t('{0} is not taken: it leads to a page.', each));
    if (this.#certificates.size === 0) return;
    try {
      draft.text('ca', certificateText([...this.#certificates].join('\n'), t('the copied text')));
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      draft.note(error.message);
    }
  }

  #visit(key: string, value: unknown, depth: number): void {
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) return;
    if (typeof value === 'string' && key.startsWith('ETCD')) return void this.#variables.set(key, marked(value));
    if (typeof value === 'string') return this.#text(key.toLowerCase(), value);
    if (Array.isArray(value)) return value.forEach((each) => this.#visit(key, each, depth + 1));
    const fields = unknownFields(value);
    const { name: variable, value: content } = fields;
    if (typeof variable === 'string' && typeof content === 'string' && variable.startsWith('ETCD'))
      return void this.#variables.set(variable, marked(content));
    this.#host(fields);
    for (const [name, each] of Object.entries(fields)) this.#visit(name, each, depth + 1);
  }

  #host(fields: Readonly<Record<string, unknown>>): void {
    const host = fields['hostname'] ?? fields['host'];
    const { port } = fields;
    if (typeof host !== 'string' || !(typeof port === 'number' || typeof port === 'string')) return;
    this.#endpoints.add(`${/^[^[]*:[^:]*:/.test(host) ? `[${host}]` : host}:${port}`);
  }

  #text(key: string, text: string): void {
    if (BASE64_PEM.test(text)) this.#certificates.add(Buffer.from(text, 'base64').toString('utf8'));
    else if (text.startsWith('-----BEGIN CERTIFICATE-----')) this.#certificates.add(text);
    else if (/^(?:user|username)$/.test(key)) this.#usernames.add(text);
    else if (/^(?:password|passwd)$/.test(key)) this.#passwords.add(text);
    else if (/^(?:https?|grpcs?):\/\//.test(text)) for (const each of text.split(/,(?=\w+:\/\/)/)) this.#url(each);
    else if (/^(?:endpoints?|hosts?|servers?)$/.test(key) && /^[\w.-]+:\d{2,5}(?:,|$)/.test(text))
      for (const each of text.split(',')) this.#endpoints.add(each.trim());
  }

  #url(text: string): void {
    const read = readEndpoint(text);
    if (read.kind !== 'endpoint') this.#endpoints.add(text);
    else if (isEtcdPath(read.path)) this.#endpoints.add(text);
    else this.#pages.add(read.endpoint);
  }
}
