import { KEY_SCHEME, keyAddress, keyUriParts, type KeyAddress, type KeyUriParts } from './keyUri.ts';

/** What a merge of unsaved text with a newer version of its key shows, and its result. */
export const MERGE_SCHEME = 'etcd-merge';

/** `version` is a key as it was at its last change up to a revision, `result` what is written over that version. */
export type MergePart = 'version' | 'result';

export interface MergeAddress extends KeyAddress {
  readonly part: MergePart;
  /** The revision of the key's last change. */
  readonly modRevision: bigint;
}

export function mergeUriParts({
  part,
  modRevision,
  ...address
}: MergeAddress): KeyUriParts & { readonly query: string } {
  return { ...keyUriParts(address), scheme: MERGE_SCHEME, query: JSON.stringify({ part, rev: String(modRevision) }) };
}

/** What an address of this scheme names; none for other addresses. */
export function mergeAddress(parts: KeyUriParts & { readonly query: string }): MergeAddress | undefined {
  const { scheme, authority, path } = parts;
  const address = scheme === MERGE_SCHEME ? keyAddress({ scheme: KEY_SCHEME, authority, path }) : undefined;
  const [, part, revision] = /^\{"part":"(version|result)","rev":"(\d+)"\}$/.exec(parts.query) ?? [];
  if (!address || revision === undefined) return undefined;
  return { ...address, part: part === 'result' ? 'result' : 'version', modRevision: BigInt(revision) };
}
