import { t } from '@vscode/l10n';
import type { ConnectionSettings } from '../../settings/connectionProfile.ts';

/** The settings of a connection to copy, with paths as the receiver will read them. */
export type CopiedConnection = Omit<ConnectionSettings, 'name'>;

/** The form of the password in the copy: a variable to set, a gap to fill, or the password itself. */
export type CopiedPassword =
  | { readonly kind: 'variable' }
  | { readonly kind: 'placeholder' }
  | { readonly kind: 'literal'; readonly password: string };

/** A request to copy one thing. */
export interface Copy {
  readonly connection: CopiedConnection;
  readonly password: CopiedPassword;
  /** The key; empty with `prefix` for all keys. */
  readonly key: Uint8Array;
  readonly prefix: boolean;
  /** Revision to read at, in the v3 formats that read. */
  readonly revision?: bigint | undefined;
  /** Called with a sentence about anything that the format cannot express. */
  readonly leaveOut: (sentence: string) => void;
}

export const PASSWORD_VARIABLE = 'ETCD_PASSWORD';
export const PASSWORD_PLACEHOLDER = '<password>';

/** Returns the key as UTF-8 text for a program's argument; undefined if it is not UTF-8. */
export function keyArgument({ key, leaveOut }: Copy): string | undefined {
  const text = Buffer.from(key).toString('utf8');
  if (Buffer.from(text).equals(key) && !text.includes('\0')) return text;
  leaveOut(t('The key is not text: this form cannot hold it, but the curl form for v3 can.'));
  return undefined;
}

/** Returns the key as a path of the v2 API: from the root, without a slash at its end. */
export function v2Path(copy: Copy): string {
  return `/${(keyArgument(copy) ?? '').replace(/^\/|\/$/g, '')}`;
}

/** Reports the TLS settings that the format cannot express. */
export function leaveOutTls(
  { connection, leaveOut }: Copy,
  without: readonly ('serverName' | 'pinnedSha256' | 'pfxFile')[],
): void {
  const names = without.filter((name) => connection[name] !== undefined);
  if (names.length > 0) leaveOut(t('This form has no words for {0}.', names.join(', ')));
}
