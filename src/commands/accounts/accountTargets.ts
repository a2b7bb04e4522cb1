import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { AccountAdmin, Accounts } from '../../etcd/accounts/accountAdmin.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import { ClusterNode } from '../../views/cluster/clusterNode.ts';
import type { RowAccount } from '../../views/cluster/clusterRows.ts';
import { confirmChange, writableCluster } from '../cluster/clusterTargets.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';

/** Users and roles of a connection, and the row on which a command was called. */
export interface AccountTarget {
  readonly connection: Connection;
  readonly accounts: Accounts;
  /** The account in the row on which the command was called. */
  readonly row: RowAccount;
}

/** Finds the users and roles for a command. @throws EtcdError `readOnly`, `permissionDenied` unless the user is root */
export async function accountTarget(context: CommandContext, argument: unknown): Promise<AccountTarget> {
  const connection = await writableCluster(context, argument);
  const accounts = await accountsOf(connection);
  return { connection, accounts, row: (argument instanceof ClusterNode ? argument.row.account : undefined) ?? {} };
}

/** Reads all users and roles. etcd has a request for each of them, so progress is shown. */
export async function accountsOf(connection: Connection): Promise<Accounts> {
  const admin = await connection.accounts();
  return await withLateProgress(l10n.t('Reading the users and roles of {0}', connection.name), (signal) =>
    admin.accounts(signal),
  );
}

/** Changes something, after a question; the view shows it. */
export async function changeAccounts(
  { clusterView }: CommandContext,
  connection: Connection,
  question: { readonly message: string; readonly detail: readonly string[]; readonly button: string },
  change: (accounts: AccountAdmin) => Promise<void>,
  done: string,
): Promise<void> {
  const { message, detail, button } = question;
  const yes = await confirmChange(connection, message, detail, button);
  if (!yes) throw cancelled();
  try {
    const admin = await connection.accounts(yes);
    const title = l10n.t('Changing the users and roles of {0}', connection.name);
    await withLateProgress(title, () => change(admin), { cancellable: false });
  } finally {
    clusterView.refresh(connection);
  }
  void window.showInformationMessage(done);
}

/** Returns the row's name, or one that the user picks. @throws EtcdError `cancelled`, `notFound` if there is none */
export async function pickName(given: string | undefined, names: readonly string[], question: string): Promise<string> {
  if (given !== undefined && names.includes(given)) return given;
  if (names.length === 0) throw new EtcdError('notFound', l10n.t('There is none to choose. Nothing was done.'));
  const chosen = await window.showQuickPick(
    names.map((label) => ({ label })),
    { placeHolder: question },
  );
  if (!chosen) throw cancelled();
  return chosen.label;
}

/** Asks for a name that does not exist yet. @throws EtcdError `cancelled` */
export async function askNewName(title: string, taken: readonly string[]): Promise<string> {
  const name = await window.showInputBox({
    title,
    ignoreFocusOut: true,
    validateInput: (text) =>
      taken.includes(text)
        ? l10n.t('This name is taken.')
        : /[\p{Cc}:]/u.test(text)
          ? l10n.t('A name has no colon and no control character.')
          : undefined,
  });
  if (name === undefined || name === '') throw cancelled();
  return name;
}

/** Asks twice, because the typed text is hidden. @throws EtcdError `cancelled` */
export async function askNewPassword(user: string): Promise<string> {
  const title = l10n.t('Password of the etcd user {0}', user);
  const options = { title, password: true, ignoreFocusOut: true };
  const password = await window.showInputBox({ ...options, prompt: l10n.t('It is not kept by VS Code.') });
  if (password === undefined || password === '') throw cancelled();
  const again = await window.showInputBox({
    ...options,
    prompt: l10n.t('Type it again.'),
    validateInput: (text) => (text === password || text === '' ? undefined : l10n.t('This is another password.')),
  });
  if (again !== password) throw cancelled();
  return password;
}
