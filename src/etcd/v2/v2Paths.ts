import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keys/keyText.ts';
import { compareKeys, prefixRange, singleKeyRange } from '../keys/ranges.ts';
import type { KeyRange } from '../keyStore.ts';

const SLASH = 0x2f;
const ROOT = Uint8Array.of(SLASH);

/** A range of keys in v2: one key, or everything below a directory. */
export interface V2Target {
  readonly kind: 'key' | 'directory';
  /** Escaped path in a request, without a slash at its end: `/a/b`, and `/` for the root directory. */
  readonly path: string;
}

/**
 * Returns the path of a key below `/v2/keys`, escaped so that it reaches the server unchanged.
 * @throws EtcdError `unsupported` for a key that v2 cannot store, or that a URL or etcd would change
 */
export function keyPath(key: Uint8Array): string {
  const segments = decode(key).split('/');
  if (segments.length < 2 || segments.shift() !== '')
    throw unsupportedKey(key, l10n.t("keys of etcd's v2 API begin with a slash"));
  if (segments.includes('')) throw unsupportedKey(key, l10n.t("keys of etcd's v2 API have no empty segments"));
  if (segments.some((segment) => segment === '.' || segment === '..'))
    throw unsupportedKey(key, l10n.t("keys of etcd's v2 API have no segments . and .."));
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/**
 * Returns the path of a directory, given as a prefix that ends with a slash.
 * @throws EtcdError as `keyPath` does
 */
export function directoryPath(prefix: Uint8Array): string {
  if (compareKeys(prefix, ROOT) === 0) return '/';
  if (prefix.at(-1) !== SLASH) throw unsupportedKey(prefix, l10n.t("folders of etcd's v2 API end with a slash"));
  return keyPath(prefix.subarray(0, -1));
}

/**
 * Converts a range; v2 knows only single keys and directories.
 * @throws EtcdError `unsupported`
 */
export function targetOf(range: KeyRange): V2Target {
  const { start } = range;
  // The range of all keys, which in v2 are all below the root directory.
  if (isSame(range, prefixRange(new Uint8Array()))) return { kind: 'directory', path: '/' };
  if (start.at(-1) === SLASH && isSame(range, prefixRange(start)))
    return { kind: 'directory', path: directoryPath(start) };
  if (start.length > 0 && isSame(range, singleKeyRange(start))) return { kind: 'key', path: keyPath(start) };
  throw new EtcdError(
    'unsupported',
    l10n.t("etcd's v2 API reaches one key or one directory at a time, not the keys from {0} on.", keyText(start)),
  );
}

function decode(key: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key);
  } catch {
    throw unsupportedKey(key, l10n.t("keys of etcd's v2 API are UTF-8 text"));
  }
}

function unsupportedKey(key: Uint8Array, reason: string): EtcdError {
  return new EtcdError('unsupported', l10n.t('{0} cannot be a key here: {1}.', keyText(key), reason));
}

function isSame(a: KeyRange, b: KeyRange): boolean {
  return compareKeys(a.start, b.start) === 0 && compareKeys(a.end, b.end) === 0;
}
