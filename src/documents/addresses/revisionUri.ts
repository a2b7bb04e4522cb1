import {
  formOfScheme,
  KEY_SCHEMES,
  formUriParts,
  keyAddress,
  type KeyAddress,
  type KeyUriParts,
  type ValueForm,
} from './keyUri.ts';

/** Keys at earlier revisions, read-only: as text, as hex dumps, and as YAML. */
export const REVISION_SCHEME = 'etcd-revision';
export const REVISION_HEX_SCHEME = 'etcd-revision-hex';
export const REVISION_SCHEMES: Readonly<Record<ValueForm, string>> = {
  text: REVISION_SCHEME,
  hex: REVISION_HEX_SCHEME,
  yaml: 'etcd-revision-yaml',
};

/** A key at an earlier revision. */
export interface RevisionAddress extends KeyAddress {
  /** The revision that the tab names. */
  readonly revision: bigint;
  /** A later revision at which the key was still the same, if `revision` is compacted. */
  readonly readAt?: bigint;
  /** Show an empty document if the key did not exist; otherwise that is a failure. */
  readonly orEmpty?: boolean;
}

/** Returns the address of a key at a revision; label formatters read `rev` from the query. */
export function revisionUriParts(
  { revision, readAt, orEmpty = false, ...address }: RevisionAddress,
  form: ValueForm,
): KeyUriParts & { readonly query: string } {
  const { authority, path } = formUriParts(address, form);
  const query = JSON.stringify({
    rev: String(revision),
    ...(readAt !== undefined && readAt !== revision && { at: String(readAt) }),
    ...(orEmpty && { orEmpty }),
  });
  return { scheme: REVISION_SCHEMES[form], authority, path, query };
}

/** Returns the form that documents of a scheme for earlier revisions show; undefined for other schemes. */
export function revisionForm(scheme: string): ValueForm | undefined {
  return formOfScheme(scheme, REVISION_SCHEMES);
}

/** Returns the key and the revision that an address of these schemes names; undefined for other addresses. */
export function revisionAddress(uri: KeyUriParts & { readonly query: string }): RevisionAddress | undefined {
  const form = revisionForm(uri.scheme);
  if (!form) return undefined;
  const { authority, path } = uri;
  const address = keyAddress({ scheme: KEY_SCHEMES[form], authority, path });
  const [, revision, readAt, orEmpty] = /^\{"rev":"(\d+)"(?:,"at":"(\d+)")?(,"orEmpty":true)?\}$/.exec(uri.query) ?? [];
  if (!address || revision === undefined) return undefined;
  return {
    ...address,
    revision: BigInt(revision),
    ...(readAt !== undefined && { readAt: BigInt(readAt) }),
    ...(orEmpty !== undefined && { orEmpty: true }),
  };
}
