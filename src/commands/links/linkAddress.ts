import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../etcd/errors.ts';
import { keyOfText, keyText } from '../../etcd/keys/keyText.ts';
import { PATTERN_KINDS, type KeyQuery } from '../../etcd/search/keyQuery.ts';

// See docs/contributing/decisions/links.md

/** Limit of a link's query, in characters. */
const MAX_QUERY = 20_000;

/** The connection of a link: its name in the sender's settings, and its endpoints. */
export interface LinkedConnection {
  readonly name: string;
  /** Origins, such as `https://etcd-1.example:2379`. */
  readonly endpoints: readonly string[];
}

/** The place that a link shows. */
export type LinkedPlace =
  | { readonly kind: 'key' | 'folder'; readonly path: Uint8Array; readonly revision?: bigint | undefined }
  | { readonly kind: 'search'; readonly path: Uint8Array; readonly query: KeyQuery };

export interface Link {
  readonly connection: LinkedConnection;
  readonly place: LinkedPlace;
}

/** Returns a link's query. It has no user, password or certificate, because a link ends up in chats and tickets. */
export function linkQuery({ connection, place }: Link): string {
  const query = new URLSearchParams({ connection: connection.name });
  for (const endpoint of connection.endpoints) query.append('endpoint', endpoint);
  if (place.kind === 'search') {
    const { kind, pattern, matchCase, values } = place.query;
    query.set('search', pattern);
    query.set('kind', kind);
    if (matchCase) query.set('matchCase', 'true');
    if (values) query.set('values', 'true');
    query.set('folder', keyText(place.path));
  } else {
    query.set(place.kind, keyText(place.path));
    if (place.revision !== undefined) query.set('revision', String(place.revision));
  }
  return query.toString();
}

/** Reads a link's query, which anyone may have written. @throws EtcdError `configuration` */
export function parseLink(text: string): Link {
  const query = new URLSearchParams(text.length > MAX_QUERY ? '' : text);
  const [name, key, folder, pattern] = ['connection', 'key', 'folder', 'search'].map((each) => query.get(each));
  const endpoints = query.getAll('endpoint');
  const place = key ?? folder ?? (pattern ? '' : undefined);
  const path = place === undefined ? undefined : keyOfText(place);
  const revision = query.get('revision') ?? '';
  if (!name || endpoints.length === 0 || !path || !/^\d{0,19}$/.test(revision)) throw notALink();
  const connection = { name, endpoints };
  const kind = PATTERN_KINDS.find((each) => each === (query.get('kind') ?? 'text'));
  if (pattern) {
    if (!kind) throw notALink();
    const isSet = (each: string) => query.get(each) === 'true';
    const searched = { kind, pattern, matchCase: isSet('matchCase'), values: isSet('values') };
    return { connection, place: { kind: 'search', path, query: searched } };
  }
  return {
    connection,
    place: {
      kind: typeof key === 'string' ? 'key' : 'folder',
      path,
      ...(revision !== '' && { revision: BigInt(revision) }),
    },
  };
}

function notALink(): EtcdError {
  return new EtcdError(
    'configuration',
    l10n.t('This link names no key, folder or search of an etcd connection. Ask its sender to copy it again.'),
  );
}
