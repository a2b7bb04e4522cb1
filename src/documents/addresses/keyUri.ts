import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { keyText, parseKeyText } from '../../etcd/keys/keyText.ts';

/** The parts of a `vscode.Uri` that name a key; a `vscode.Uri` has them. */
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

/** Identifies an address, whatever form its documents have. */
export function addressId({ connectionId, key }: KeyAddress): string {
  return `${connectionId}\0${toBinaryKey(key)}`;
}

export const KEY_SCHEME = 'etcd';
/** Hex dumps of keys, read-only. */
export const HEX_SCHEME = 'etcd-hex';
/** Kubernetes objects as YAML. */
export const YAML_SCHEME = 'etcd-yaml';

/** Values in another view, such as unpacked; see `viewUri.ts`. */
export const VIEW_SCHEME = 'etcd-view';

/** The forms of documents that can be edited. */
export type EditedForm = 'text' | 'yaml';

/** A key, and the form in which its document is edited; by default as text. */
export interface EditedKey extends KeyAddress {
  readonly form?: EditedForm;
}

/** How a document shows a value: its own text, a hex dump, or a Kubernetes object as YAML. */
export type ValueForm = 'text' | 'hex' | 'yaml';

/** The scheme of a key's documents in each form. */
export const KEY_SCHEMES: Readonly<Record<ValueForm, string>> = {
  text: KEY_SCHEME,
  hex: HEX_SCHEME,
  yaml: YAML_SCHEME,
};
/** Extensions by which VS Code recognizes the language. */
const SUFFIXES: Readonly<Record<ValueForm, string>> = { text: '', hex: '.hexdump', yaml: '.yaml' };
const RELATIVE = '~relative';
const EMPTY = '~empty';

/**
 * Returns the address of a key's text, which VS Code never changes by parsing, joining or normalizing. The key
 * `/a/b.json` has exactly that path. `~` and two hex digits stand for a byte that is not printable, for `~`, `\`, the
 * dots of the segments `.` and `..`, the colon of what looks like a drive letter, and the parenthesis of what VS Code
 * would show as a link or an icon in its messages. An empty segment is `~empty`. The path of a key that does not begin
 * with a slash begins with the segment `~relative`.
 */
export function keyUriParts({ connectionId, key }: KeyAddress): KeyUriParts {
  const text = keyText(key).replace(/~|\\(?:x(..)|\\)/g, (part, hex?: string) => `~${hex ?? hexOf(part.charAt(0))}`);
  const absolute = text.startsWith('/') ? text.replace(/^\/([a-z]):/i, '/$1~3a') : `/${text}`;
  const path = absolute
    .replace(/(?<=[\]$])\(/g, '~28')
    .replace(/\/(\.\.?)(?=\/|$)/g, (_, dots: string) => `/${'~2e'.repeat(dots.length)}`)
    .replace(/\/(?=\/|$)/g, `/${EMPTY}`);
  return { scheme: KEY_SCHEME, authority: connectionId, path: text.startsWith('/') ? path : `/${RELATIVE}${path}` };
}

/** Returns the address of a key in a form. */
export function formUriParts(address: KeyAddress, form: ValueForm): KeyUriParts {
  const { authority, path } = keyUriParts(address);
  return { scheme: KEY_SCHEMES[form], authority, path: path + SUFFIXES[form] };
}

/** Returns the form that documents of a scheme show; undefined for schemes that the table does not have. */
export function formOfScheme(scheme: string, schemes = KEY_SCHEMES): ValueForm | undefined {
  return (['text', 'hex', 'yaml'] as const).find((form) => schemes[form] === scheme);
}

/** Returns the form of documents of a scheme that can be edited; undefined for other schemes. */
export function editedForm(scheme: string): EditedForm | undefined {
  const form = formOfScheme(scheme);
  return form === 'hex' ? undefined : form;
}

/** Returns the key that an address of these schemes names; undefined for other addresses, including the root. */
export function keyAddress({ scheme, authority, path }: KeyUriParts): KeyAddress | undefined {
  const form = formOfScheme(scheme);
  const keyPath = form && withoutSuffix(path, SUFFIXES[form]);
  const absolute = keyPath?.startsWith(`/${RELATIVE}/`) ? keyPath.slice(RELATIVE.length + 1) : keyPath;
  if (authority === '' || absolute === undefined || !isWellFormed(absolute)) return undefined;
  const text = absolute
    .replace(new RegExp(`/${EMPTY}(?=/|$)`, 'g'), '/')
    .replace(/~(..)|\\/g, (_, hex?: string) => (hex === undefined ? '\\\\' : `\\x${hex}`));
  return { connectionId: authority, key: parseKeyText(absolute === keyPath ? text : text.slice(1)) };
}

/** Whether a path names no key, but the folder of all keys. */
export function isTop(path: string): boolean {
  return path === '/' || path === `/${RELATIVE}`;
}

function isWellFormed(path: string): boolean {
  return new RegExp(`^(?:/(?:${EMPTY}|(?:[^/~]|~[0-9a-f]{2})+))+$`).test(path) && path.isWellFormed();
}

function withoutSuffix(path: string, suffix: string): string | undefined {
  return path.endsWith(suffix) ? path.slice(0, path.length - suffix.length) : undefined;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16);
}
