import { t } from '@vscode/l10n';
import type { ConnectionSettings } from '../connectionProfile.ts';

/** What is copied of a connection: its settings, with paths as the receiver is to read them. */
export type CopiedConnection = Omit<ConnectionSettings, 'name'>;

/** How the password stands in the copy: a variable to be set, a gap to be filled, or itself. */
export type CopiedPassword =
  | { readonly kind: 'variable' }
  | { readonly kind: 'placeholder' }
  | { readonly kind: 'literal'; readonly password: string };

/** One thing to write. */
export interface Copy {
  readonly connection: CopiedConnection;
  readonly password: CopiedPassword;
  /** Empty with `prefix` for all keys. */
  readonly key: Uint8Array;
  readonly prefix: boolean;
  /** To read as of, in the forms of v3 that read. */
  readonly revision?: bigint | undefined;
  /** Takes a sentence about what the form cannot express. */
  readonly leaveOut: (sentence: string) => void;
}

export const PASSWORD_VARIABLE = 'ETCD_PASSWORD';
export const PASSWORD_PLACEHOLDER = '<password>';

/** The key as the UTF-8 text that a program takes as an argument; undefined where it is none. */
export function keyArgument({ key, leaveOut }: Copy): string | undefined {
  const text = Buffer.from(key).toString('utf8');
  if (Buffer.from(text).equals(key) && !text.includes('\0')) return text;
  leaveOut(t('The key is not text: this form cannot hold it, but the curl form for v3 can.'));
  return undefined;
}

/** The key as a path of the v2 API: from the root, without a slash at its end. */
export function v2Path(copy: Copy): string {
  return `/${(keyArgument(copy) ?? '').replace(/^\/|\/$/g, '')}`;
}

/** Says which TLS settings the form has no words for. */
export function leaveOutTls(
  { connection, leaveOut }: Copy,
  without: readonly ('serverName' | 'pinnedSha256' | 'pfxFile')[],
): void {
  const names = without.filter((name) => connection[name] !== undefined);
  if (names.length > 0) leaveOut(t('This form has no words for {0}.', names.join(', ')));
}
