import { formUriParts, KEY_SCHEMES, keyAddress, type EditedKey, type KeyUriParts } from './keyUri.ts';

/** Documents of a merge: the versions of the key, and the result. */
export const MERGE_SCHEME = 'etcd-merge';

/** `version` is the key at its last change up to a revision; `result` is what will be written over that version. */
export type MergePart = 'version' | 'result';

export interface MergeAddress extends EditedKey {
  readonly part: MergePart;
  /** Revision of the key's last change. */
  readonly modRevision: bigint;
}

export function mergeUriParts({
  part,
  modRevision,
  form = 'text',
  ...address
}: MergeAddress): KeyUriParts & { readonly query: string } {
  const query = JSON.stringify({ part, rev: String(modRevision), ...(form === 'yaml' && { form }) });
  return { ...formUriParts(address, form), scheme: MERGE_SCHEME, query };
}

/** Returns what an address of this scheme names; undefined for other addresses. */
export function mergeAddress(parts: KeyUriParts & { readonly query: string }): MergeAddress | undefined {
  const { scheme, authority, path } = parts;
  const [, part, revision, yaml] =
    /^\{"part":"(version|result)","rev":"(\d+)"(,"form":"yaml")?\}$/.exec(parts.query) ?? [];
  const form = yaml === undefined ? 'text' : 'yaml';
  const address = scheme === MERGE_SCHEME ? keyAddress({ scheme: KEY_SCHEMES[form], authority, path }) : undefined;
  if (!address || revision === undefined) return undefined;
  return {
    ...address,
    ...(form === 'yaml' && { form }),
    part: part === 'result' ? 'result' : 'version',
    modRevision: BigInt(revision),
  };
}
