import {
  HEX_SCHEME,
  HEX_SUFFIX,
  KEY_SCHEME,
  keyAddress,
  keyUriParts,
  type KeyAddress,
  type KeyUriParts,
} from './keyUri.ts';

/** Keys as they were, read-only: as text, and as hex dumps. */
export const REVISION_SCHEME = 'etcd-revision';
export const REVISION_HEX_SCHEME = 'etcd-revision-hex';

/** A key as it was. */
export interface RevisionAddress extends KeyAddress {
  /** The revision that the tab names. */
  readonly revision: bigint;
  /** Where that one cannot be read any more, being compacted: a later one at which the key was still the same. */
  readonly readAt?: bigint;
  /** Shows an empty document where the key did not exist; else that is a failure. */
  readonly orEmpty?: boolean;
}

/** The address of a key as it was at a revision; label formatters read `rev` from the query. */
export function revisionUriParts(
  { revision, readAt, orEmpty = false, ...address }: RevisionAddress,
  form: 'text' | 'hex',
): KeyUriParts & { readonly query: string } {
  const { authority, path } = keyUriParts(address);
  const query = JSON.stringify({
    rev: String(revision),
    ...(readAt !== undefined && readAt !== revision && { at: String(readAt) }),
    ...(orEmpty && { orEmpty }),
  });
  return form === 'text'
    ? { scheme: REVISION_SCHEME, authority, path, query }
    : { scheme: REVISION_HEX_SCHEME, authority, path: path + HEX_SUFFIX, query };
}

/** The key and the revision that an address of these schemes names; none for other addresses. */
export function revisionAddress(uri: KeyUriParts & { readonly query: string }): RevisionAddress | undefined {
  const isHex = uri.scheme === REVISION_HEX_SCHEME;
  if (!isHex && uri.scheme !== REVISION_SCHEME) return undefined;
  const { authority, path } = uri;
  const address = keyAddress({ scheme: isHex ? HEX_SCHEME : KEY_SCHEME, authority, path });
  const [, revision, readAt, orEmpty] = /^\{"rev":"(\d+)"(?:,"at":"(\d+)")?(,"orEmpty":true)?\}$/.exec(uri.query) ?? [];
  if (!address || revision === undefined) return undefined;
  return {
    ...address,
    revision: BigInt(revision),
    ...(readAt !== undefined && { readAt: BigInt(readAt) }),
    ...(orEmpty !== undefined && { orEmpty: true }),
  };
}
