import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import { keyText, parseKeyText } from '../etcd/keyspace/keyText.ts';

/** The parts of a `vscode.Uri` that name a key; a `vscode.Uri` is one. */
export interface KeyUriParts {
  readonly scheme: string;
  /** The connection's id. */
  readonly authority: string;
  /** Begins with `/`. */
  readonly path: string;
}

export interface KeyAddress {
  readonly connectionId: string;
  readonly key: Uint8Array;
}

/** Tells addresses apart, whatever documents show them. */
export function addressId({ connectionId, key }: KeyAddress): string {
  return `${connectionId}\0${toBinaryKey(key)}`;
}

export const KEY_SCHEME = 'etcd';
/** Hex dumps of keys, read-only. */
export const HEX_SCHEME = 'etcd-hex';

export const HEX_SUFFIX = '.hexdump';
const RELATIVE = '~relative';
const EMPTY = '~empty';

/**
 * The address of a key's text, which nothing in VS Code changes by parsing, joining or normalizing it. The key `/a/b.json`
 * has that very path. `~` and two hex digits stand for a byte that is not printable, for `~`, `\`, the dots of the segments
 * `.` and `..` and the colon of what looks like a drive letter. An empty segment is `~empty`; a key that does not begin
 * with a slash has a path that begins with the segment `~relative`.
 */
export function keyUriParts({ connectionId, key }: KeyAddress): KeyUriParts {
  const text = keyText(key).replace(/~|\\(?:x(..)|\\)/g, (part, hex?: string) => `~${hex ?? hexOf(part.charAt(0))}`);
  const absolute = text.startsWith('/') ? text.replace(/^\/([a-z]):/i, '/$1~3a') : `/${text}`;
  const path = absolute
    .replace(/\/(\.\.?)(?=\/|$)/g, (_, dots: string) => `/${'~2e'.repeat(dots.length)}`)
    .replace(/\/(?=\/|$)/g, `/${EMPTY}`);
  return { scheme: KEY_SCHEME, authority: connectionId, path: text.startsWith('/') ? path : `/${RELATIVE}${path}` };
}

/** The address of a key's hex dump. */
export function hexUriParts(address: KeyAddress): KeyUriParts {
  const { authority, path } = keyUriParts(address);
  return { scheme: HEX_SCHEME, authority, path: path + HEX_SUFFIX };
}

/** The key that an address of these schemes names; none for other addresses, the root among them. */
export function keyAddress({ scheme, authority, path }: KeyUriParts): KeyAddress | undefined {
  const keyPath = scheme === HEX_SCHEME ? withoutSuffix(path, HEX_SUFFIX) : scheme === KEY_SCHEME ? path : undefined;
  const absolute = keyPath?.startsWith(`/${RELATIVE}/`) ? keyPath.slice(RELATIVE.length + 1) : keyPath;
  if (authority === '' || absolute === undefined || !isWellFormed(absolute)) return undefined;
  const text = absolute
    .replace(new RegExp(`/${EMPTY}(?=/|$)`, 'g'), '/')
    .replace(/~(..)|\\/g, (_, hex?: string) => (hex === undefined ? '\\\\' : `\\x${hex}`));
  return { connectionId: authority, key: parseKeyText(absolute === keyPath ? text : text.slice(1)) };
}

function isWellFormed(path: string): boolean {
  return new RegExp(`^(?:/(?:${EMPTY}|(?:[^/~]|~[0-9a-f]{2})+))+$`).test(path) && path.isWellFormed();
}

function withoutSuffix(path: string, suffix: string): string | undefined {
  return path.endsWith(suffix) ? path.slice(0, -suffix.length) : undefined;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16);
}
