import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../etcd/errors.ts';
import { unknownFields } from '../etcd/unknownFields.ts';
import { hierarchyProblem } from './hierarchySettings.ts';

const APIS = ['auto', 'v2', 'v3'] as const;
const TRANSPORTS = ['auto', 'grpc', 'gateway'] as const;

/** One entry of the setting `etcd.connections`, as the user wrote it. */
export interface ConnectionSettings {
  readonly name: string;
  readonly endpoints: readonly string[];
  readonly username?: string;
  readonly caFile?: string;
  readonly ca?: string;
  readonly serverName?: string;
  /** SHA-256 hashes of server certificates or of their public keys. */
  readonly pinnedSha256?: readonly string[];
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly pfxFile?: string;
  readonly api?: (typeof APIS)[number];
  readonly transport?: (typeof TRANSPORTS)[number];
  /** What separates the segments of keys, as key text: one text or several; where there is none, the keyspace is flat. */
  readonly separator?: string | readonly string[];
  /** Key text of the prefix of what is shown. */
  readonly root?: string;
  /** Learn the members' addresses from the cluster and use them too. */
  readonly sync?: boolean;
  /** Refuse every write. */
  readonly readOnly?: boolean;
  /** Marked wherever it shows, and asked about more before something changes. */
  readonly production?: boolean;
  /** Show what a save changes and ask before it; without it, where `production` is set. */
  readonly confirmSave?: boolean;
  /** Seconds. */
  readonly connectTimeout?: number;
  /** Seconds. */
  readonly headerTimeout?: number;
}

/** Whose settings a connection comes from; the two lists are never merged. */
export type ConnectionSource = 'user' | 'workspace';

/** A connection that the user has, whether its settings are usable or not. */
export interface ConnectionProfile {
  /** Stable and unique; the authority of its documents' URIs. */
  readonly id: string;
  readonly source: ConnectionSource;
  readonly settings: ConnectionSettings;
  /** What is wrong with the settings, as a sentence for the user. */
  readonly problem?: string;
}

export const DEFAULT_ENDPOINT = 'http://127.0.0.1:2379';
const DEFAULT_CONNECT_SECONDS = 10;
const DEFAULT_HEADER_SECONDS = 60;

/** Reads one list of `etcd.connections`; whatever stands there gives a profile, a wrong entry one with a problem. */
export function readProfiles(list: unknown, source: ConnectionSource): ConnectionProfile[] {
  if (!Array.isArray(list)) return [];
  const seen = new Set<string>();
  return list.map((entry: unknown, index): ConnectionProfile => {
    const settings = readEntry(entry, index);
    const taken = seen.has(settings.name);
    seen.add(settings.name);
    const problem = taken
      ? l10n.t(
          'Two connections in the setting "etcd.connections" are named {0}. Give each a name of its own.',
          settings.name,
        )
      : problemOf(entry, settings);
    const id = connectionId(settings.name, source) + (taken ? `.${index}` : '');
    return { id, source, settings, ...(problem !== undefined && { problem }) };
  });
}

/** A name as a URI's authority: lower case, of letters, digits and hyphens, different for different names. */
export function connectionId(name: string, source: ConnectionSource): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const slug = readable === name ? name : `${readable}.${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  return source === 'user' ? slug : `${slug}.workspace`;
}

export function timeLimits(settings: ConnectionSettings): { connect: number; response: number } {
  return {
    connect: (settings.connectTimeout ?? DEFAULT_CONNECT_SECONDS) * 1000,
    response: (settings.headerTimeout ?? DEFAULT_HEADER_SECONDS) * 1000,
  };
}

/**
 * An endpoint as the origin that requests go to.
 * @throws EtcdError `configuration` saying what is wrong with it
 */
export function endpointOrigin(endpoint: string): string {
  const trimmed = endpoint.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const wrong = (message: string) => new EtcdError('configuration', message);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
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
    throw wrong(l10n.t('The endpoint {0} must end after the port: no path belongs to it.', url.host));
  return url.origin;
}

function withoutUserInfo(text: string): string {
  return text.replace(/\/\/.*@/, '//…@');
}

function readEntry(entry: unknown, index: number): ConnectionSettings {
  const fields = unknownFields(entry);
  const text = (name: string) =>
    typeof fields[name] === 'string' && fields[name] !== '' ? { [name]: fields[name] } : {};
  const seconds = (name: string) =>
    typeof fields[name] === 'number' && fields[name] > 0 ? { [name]: fields[name] } : {};
  const flag = (name: string) => (fields[name] === true ? { [name]: true } : {});
  const texts = (value: unknown) =>
    Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each.trim() !== '') : [];
  const pins = texts(fields['pinnedSha256']);
  const api = oneOf(APIS, fields['api']);
  const transport = oneOf(TRANSPORTS, fields['transport']);
  return {
    name:
      typeof fields['name'] === 'string' && fields['name'].trim() ? fields['name'].trim() : `connection ${index + 1}`,
    endpoints: texts(fields['endpoints']),
    ...text('username'),
    ...text('caFile'),
    ...text('ca'),
    ...text('serverName'),
    ...text('certFile'),
    ...text('keyFile'),
    ...text('pfxFile'),
    ...(pins.length > 0 && { pinnedSha256: pins }),
    ...(api && { api }),
    ...(transport && { transport }),
    ...separatorOf(fields['separator']),
    ...text('root'),
    ...flag('sync'),
    ...flag('readOnly'),
    ...flag('production'),
    ...(typeof fields['confirmSave'] === 'boolean' && { confirmSave: fields['confirmSave'] }),
    ...seconds('connectTimeout'),
    ...seconds('headerTimeout'),
  };
}

function separatorOf(value: unknown): Pick<ConnectionSettings, 'separator'> {
  if (typeof value === 'string') return { separator: value };
  return Array.isArray(value) ? { separator: value.filter((each) => typeof each === 'string') } : {};
}

function oneOf<T extends string>(choices: readonly T[], value: unknown): T | undefined {
  return choices.find((choice) => choice === value);
}

function problemOf(entry: unknown, settings: ConnectionSettings): string | undefined {
  if (typeof entry !== 'object' || entry === null)
    return l10n.t('An entry of the setting "etcd.connections" is not an object with "name" and "endpoints".');
  if (settings.endpoints.length === 0)
    return l10n.t(
      'The connection {0} has no endpoint. Add one, such as {1}, to its "endpoints".',
      settings.name,
      DEFAULT_ENDPOINT,
    );
  if (settings.ca !== undefined && settings.caFile !== undefined)
    return l10n.t('The connection {0} has both "ca" and "caFile". Keep the one that holds.', settings.name);
  try {
    settings.endpoints.forEach(endpointOrigin);
  } catch (error) {
    if (EtcdError.is(error)) return error.message;
    throw error;
  }
  return hierarchyProblem(settings);
}
