import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../etcd/errors.ts';
import { certificateText } from '../../etcd/http/pem.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import { endpointOrigin, metricsOrigins } from './origins.ts';
import { hierarchyProblem } from './hierarchySettings.ts';

export const APIS = ['auto', 'v2', 'v3'] as const;
export const TRANSPORTS = ['auto', 'grpc', 'gateway'] as const;
/** Colors for which every theme has a shade. */
export const COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;
/** What language models' tools may see, from the least to the most. */
export const TOOL_ACCESSES = ['none', 'masked', 'full'] as const;

export type ConnectionColor = (typeof COLORS)[number];
export type ToolAccess = (typeof TOOL_ACCESSES)[number];

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
  /** Separators of the segments of keys, as key text: one or several; without any, the keyspace is flat. */
  readonly separator?: string | readonly string[];
  /** Prefixes of what is shown, as key text: one or several. */
  readonly root?: string | readonly string[];
  /** Ask the cluster for its members' addresses, and use them too. */
  readonly sync?: boolean;
  /** Addresses at which the members serve their metrics, in place of the endpoints. */
  readonly metricsUrl?: string | readonly string[];
  /** A program that leads to the endpoints, as written; `readConnectionTunnel` checks it. */
  readonly tunnel?: unknown;
  /** Refuse every write, or those of keys that a glob of the list matches. */
  readonly readOnly?: boolean | readonly string[];
  /** Globs of the keys and folders that the tree does not show. */
  readonly hidden?: readonly string[];
  /** Mark it wherever it is shown, and ask before more kinds of change. */
  readonly production?: boolean;
  /** Show what a save changes and ask before it; by default the value of `production`. */
  readonly confirmSave?: boolean;
  /** What language models' tools may see; by default nothing of production, and else everything but secrets. */
  readonly languageModelTools?: ToolAccess;
  /** Color of its icon and of the status bar's text. */
  readonly color?: ConnectionColor;
  /** Seconds. */
  readonly connectTimeout?: number;
  /** Seconds. */
  readonly headerTimeout?: number;
}

/** Owner of the settings that a connection comes from; the two lists are never merged. */
export type ConnectionSource = 'user' | 'workspace';

/** A folder of a multi-root workspace, whose own settings define a connection. */
export interface SettingsFolder {
  readonly uri: string;
  readonly name: string;
  /** Path of the folder, if it is on this machine. */
  readonly path?: string;
}

/** Location of a connection's entry. */
export interface SettingsPlace {
  readonly source: ConnectionSource;
  /** Set for a `workspace` place in a folder's settings instead of the workspace's own. */
  readonly folder?: SettingsFolder | undefined;
}

/** A connection in the settings, whether usable or not. */
export interface ConnectionProfile extends SettingsPlace {
  /** Stable and unique; the authority of its documents' URIs. */
  readonly id: string;
  readonly settings: ConnectionSettings;
  /** A sentence for the user about what is wrong with the settings. */
  readonly problem?: string;
}

/** The id of the connection to the v2 keys of a server that has v3 keys too. */
export function v2Id({ id }: ConnectionProfile): string {
  return `${id}.v2`;
}

/** Port of etcd's clients. */
export const LOCAL_PORT = 2379;
export const DEFAULT_ENDPOINT = `http://127.0.0.1:${LOCAL_PORT}`;
const DEFAULT_CONNECT_SECONDS = 10;
const DEFAULT_HEADER_SECONDS = 60;

/** Reads one list of `etcd.connections`. Every entry, of any type, becomes a profile; a wrong one gets a problem. */
export function readProfiles(list: unknown, source: ConnectionSource, folder?: SettingsFolder): ConnectionProfile[] {
  if (!Array.isArray(list)) return [];
  const seen = new Set<string>();
  return list.map((entry: unknown, index): ConnectionProfile => {
    const settings = readEntry(entry, index);
    const taken = seen.has(settings.name);
    seen.add(settings.name);
    const problem = taken
      ? l10n.t(
          'Two connections in the setting "etcd.connections" are named {0}. Give each its own name.',
          settings.name,
        )
      : problemOf(entry, settings);
    const id = connectionId(settings.name, source, folder) + (taken ? `.${index}` : '');
    return { id, source, ...(folder && { folder }), settings, ...(problem !== undefined && { problem }) };
  });
}

/**
 * Converts a name to a URI's authority: lower case, of letters, digits and hyphens, and different for different names.
 */
export function connectionId(name: string, source: ConnectionSource, folder?: SettingsFolder): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const slug = readable === name ? name : `${readable}.${shortHash(name)}`;
  if (source === 'user') return slug;
  return folder ? `${slug}.${shortHash(folder.uri)}.folder` : `${slug}.workspace`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

export function timeLimits(settings: ConnectionSettings): { connect: number; response: number } {
  return {
    connect: (settings.connectTimeout ?? DEFAULT_CONNECT_SECONDS) * 1000,
    response: (settings.headerTimeout ?? DEFAULT_HEADER_SECONDS) * 1000,
  };
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
  // Characters that `URL` ignores in an address must not reach other programs.
  const addresses = (value: unknown) => texts(value).map((each) => each.replaceAll(/[\t\n\r]/g, '').trim());
  const pins = texts(fields['pinnedSha256']);
  const { readOnly, hidden } = fields;
  const api = oneOf(APIS, fields['api']);
  const transport = oneOf(TRANSPORTS, fields['transport']);
  const color = oneOf(COLORS, fields['color']);
  const languageModelTools = oneOf(TOOL_ACCESSES, fields['languageModelTools']);
  return {
    name:
      typeof fields['name'] === 'string' && fields['name'].trim() ? fields['name'].trim() : `connection ${index + 1}`,
    endpoints: addresses(fields['endpoints']),
    ...text('username'),
    ...text('caFile'),
    ...certificatesOf(fields['ca']),
    ...text('serverName'),
    ...text('certFile'),
    ...text('keyFile'),
    ...text('pfxFile'),
    ...(pins.length > 0 && { pinnedSha256: pins }),
    ...(api && { api }),
    ...(transport && { transport }),
    ...separatorOf(fields['separator']),
    ...text('root'),
    ...(Array.isArray(fields['root']) && { root: texts(fields['root']) }),
    ...metricsOf(fields['metricsUrl'], addresses),
    ...('tunnel' in fields && { tunnel: fields['tunnel'] }),
    ...flag('sync'),
    ...flag('readOnly'),
    ...(readOnly !== undefined && typeof readOnly !== 'boolean' && { readOnly: globsOf(readOnly) }),
    ...(hidden !== undefined && { hidden: globsOf(hidden) }),
    ...flag('production'),
    ...(typeof fields['confirmSave'] === 'boolean' && { confirmSave: fields['confirmSave'] }),
    ...(languageModelTools && { languageModelTools }),
    ...(color && { color }),
    ...seconds('connectTimeout'),
    ...seconds('headerTimeout'),
  };
}

/**
 * Keeps only the certificates of a text. If there are none, returns an empty text, which is a problem in the settings.
 */
function certificatesOf(ca: unknown): Pick<ConnectionSettings, 'ca'> {
  if (typeof ca !== 'string' || ca === '') return {};
  try {
    return { ca: certificateText(ca, '') };
  } catch (error) {
    if (EtcdError.is(error)) return { ca: '' };
    throw error;
  }
}

/** Reads globs. Whatever is none becomes an empty one, with which nothing connects. */
function globsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : ['']).map((each) => (typeof each === 'string' ? each : ''));
}

function separatorOf(value: unknown): Pick<ConnectionSettings, 'separator'> {
  if (typeof value === 'string') return { separator: value };
  return Array.isArray(value) ? { separator: value.filter((each) => typeof each === 'string') } : {};
}

function metricsOf(value: unknown, addresses: (value: unknown) => string[]): Pick<ConnectionSettings, 'metricsUrl'> {
  const found = addresses(typeof value === 'string' ? [value] : value);
  const [only = ''] = found;
  if (found.length === 0) return {};
  return { metricsUrl: typeof value === 'string' ? only : found };
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
    return l10n.t('The connection {0} has both "ca" and "caFile". Keep only one of them.', settings.name);
  try {
    if (settings.ca === '') certificateText(String(unknownFields(entry)['ca']), l10n.t('the setting "ca"'));
    settings.endpoints.forEach(endpointOrigin);
    metricsOrigins(settings);
  } catch (error) {
    if (EtcdError.is(error)) return error.message;
    throw error;
  }
  return hierarchyProblem(settings);
}
