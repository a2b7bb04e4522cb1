import { l10n, window } from 'vscode';
import type { Credentials } from '../etcd/v3/session.ts';

/**
 * Asks for a user and its password.
 * @param username asked for only where it is not known
 * @param reason why it is asked, shown with the question
 * @returns undefined when the user cancels
 */
export async function askCredentials(
  connectionName: string,
  username: string | undefined,
  reason: string | undefined,
): Promise<Credentials | undefined> {
  const title = l10n.t('Sign in to {0}', connectionName);
  const user =
    username ??
    (await window.showInputBox({
      title,
      prompt: [reason, l10n.t('etcd user name')].filter(Boolean).join(' '),
      placeHolder: 'root',
      ignoreFocusOut: true,
    }));
  if (!user) return undefined;
  const password = await window.showInputBox({
    title,
    prompt: [
      username === undefined ? undefined : reason,
      l10n.t('Password of the etcd user {0}. It is kept in the secret storage of VS Code.', user),
    ]
      .filter(Boolean)
      .join(' '),
    password: true,
    ignoreFocusOut: true,
  });
  return password === undefined || password === '' ? undefined : { username: user, password };
}
