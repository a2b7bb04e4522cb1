import { KEY_SCHEME, keyAddress, keyUriParts, VIEW_SCHEME, type KeyAddress, type KeyUriParts } from './keyUri.ts';

/** A key, and the view that its document shows. */
export interface ViewAddress extends KeyAddress {
  readonly view: string;
}

/** Returns the address of a key in a view; label formatters read `view` from the query. */
export function viewUriParts({ view, ...address }: ViewAddress): KeyUriParts & { readonly query: string } {
  return { ...keyUriParts(address), scheme: VIEW_SCHEME, query: JSON.stringify({ view }) };
}

/** Returns what such an address names; undefined for other addresses. */
export function viewAddress(uri: KeyUriParts & { readonly query: string }): ViewAddress | undefined {
  const { authority, path } = uri;
  const address = uri.scheme === VIEW_SCHEME ? keyAddress({ scheme: KEY_SCHEME, authority, path }) : undefined;
  const [, view] = /^\{"view":"([\w-]+)"\}$/.exec(uri.query) ?? [];
  return address && view !== undefined ? { ...address, view } : undefined;
}
