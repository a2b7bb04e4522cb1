import { CancellationTokenSource, l10n, type InputBoxOptions } from 'vscode';
import type { Credentials } from '../etcd/http/etcdConnection.ts';
import { window } from './text/window.ts';

/** Asks for the passphrase of a client's key; undefined if the user cancels. */
export async function askPassphrase(connectionName: string, reason: string): Promise<string | undefined> {
  const passphrase = await window.showInputBox({
    title: l10n.t('Client Certificate of {0}', connectionName),
    prompt: l10n.t("{0} It is stored in VS Code's secret storage.", reason),
    password: true,
    ignoreFocusOut: true,
  });
  return passphrase === '' ? undefined : passphrase;
}

/**
 * Asks for a user and a password.
 * @param username asked for only if absent
 * @param reason shown with the question
 * @param signal closes the question when the answer is no longer needed
 * @returns undefined if the user cancels
 */
export async function askCredentials(
  connectionName: string,
  username: string | undefined,
  reason: string | undefined,
  signal?: AbortSignal,
): Promise<Credentials | undefined> {
  const title = l10n.t('Sign in to {0}', connectionName);
  const user =
    username ??
    (await ask(
      {
        title,
        prompt: [reason, l10n.t('etcd user name')].filter(Boolean).join(' '),
        placeHolder: 'root',
        ignoreFocusOut: true,
      },
      signal,
    ));
  if (!user) return undefined;
  const password = await ask(
    {
      title,
      prompt: [
        username === undefined ? undefined : reason,
        l10n.t("Password of the etcd user {0}. It is stored in VS Code's secret storage.", user),
      ]
        .filter(Boolean)
        .join(' '),
      password: true,
      ignoreFocusOut: true,
    },
    signal,
  );
  return password === undefined || password === '' ? undefined : { username: user, password };
}

async function ask(options: InputBoxOptions, signal: AbortSignal | undefined): Promise<string | undefined> {
  const source = new CancellationTokenSource();
  const cancel = () => source.cancel();
  signal?.addEventListener('abort', cancel);
  try {
    return signal?.aborted ? undefined : await window.showInputBox(options, source.token);
  } finally {
    signal?.removeEventListener('abort', cancel);
    source.dispose();
  }
}
