import { l10n } from 'vscode';
import { ROOT } from '../../etcd/accounts/accountAdmin.ts';
import { enableProblem } from '../../etcd/accounts/permissions.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { accountTarget, askNewName, askNewPassword, changeAccounts, pickName } from './accountTargets.ts';

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

/** Adds a user who signs in with a password or by a certificate. */
export async function addUser(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts } = await accountTarget(context, argument);
  const name = await askNewName(l10n.t('Name of the New User'), names(accounts.users));
  const kinds = [
    { label: l10n.t('With a password'), description: '', hasPassword: true },
    {
      label: l10n.t('Without a password'),
      description: l10n.t('signs in by a client certificate'),
      hasPassword: false,
    },
  ];
  const kind = await window.showQuickPick(kinds, { placeHolder: l10n.t('How does {0} sign in?', name) });
  if (!kind) throw cancelled();
  const password = kind.hasPassword ? await askNewPassword(name) : undefined;
  const question = {
    message: l10n.t('Add the user {0} to {1}?', name, connection.name),
    detail: [l10n.t('It may do nothing until it is granted a role.')],
    button: l10n.t('Add User'),
  };
  const added = l10n.t('The user {0} was added.', name);
  await changeAccounts(context, connection, question, (admin) => admin.addUser(name, password), added);
}

export async function changePassword(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const name = await pickName(row.user, names(accounts.users), l10n.t('Whose password is to be changed?'));
  const password = await askNewPassword(name);
  const question = {
    message: l10n.t('Change the password of {0} in {1}?', name, connection.name),
    detail: [l10n.t('Who signs in with the password before is refused.')],
    button: l10n.t('Change Password'),
  };
  const changed = l10n.t('The password of {0} was changed.', name);
  await changeAccounts(context, connection, question, (admin) => admin.changePassword(name, password), changed);
}

export async function deleteUser(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const name = await pickName(row.user, names(accounts.users), l10n.t('Which user is to be deleted?'));
  const roles = accounts.users.find((user) => user.name === name)?.roles ?? [];
  const question = {
    message: l10n.t('Delete the user {0} of {1}?', name, connection.name),
    detail: [
      roles.length === 0 ? l10n.t('It has no role.') : l10n.t('It has the roles {0}, which stay.', roles.join(', ')),
      l10n.t('Whatever signs in as this user is refused at once. This cannot be undone.'),
    ],
    button: l10n.t('Delete User'),
  };
  const deleted = l10n.t('The user {0} was deleted.', name);
  await changeAccounts(context, connection, question, (admin) => admin.deleteUser(name), deleted);
}

export async function grantRole(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const user = await pickName(row.user, names(accounts.users), l10n.t('Who is to be granted a role?'));
  const has = accounts.users.find(({ name }) => name === user)?.roles ?? [];
  const others = names(accounts.roles).filter((role) => !has.includes(role));
  const role = await pickName(undefined, others, l10n.t('Which role is {0} to have?', user));
  const question = {
    message: l10n.t('Grant the role {0} to {1}?', role, user),
    detail: role === ROOT ? [l10n.t('The role root may do everything, users and roles included.')] : [],
    button: l10n.t('Grant Role'),
  };
  const granted = l10n.t('{0} has the role {1}.', user, role);
  await changeAccounts(context, connection, question, (admin) => admin.grantRole(user, role), granted);
}

export async function revokeRole(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const having = accounts.users.filter(({ roles }) => roles.length > 0);
  const user = await pickName(row.user, names(having), l10n.t('Take a role from which user?'));
  const has = having.find(({ name }) => name === user)?.roles ?? [];
  const role = await pickName(row.role, has, l10n.t('Which role is {0} to lose?', user));
  const question = {
    message: l10n.t('Take the role {0} from {1}?', role, user),
    detail: [l10n.t('What only this role permits is refused to it at once.')],
    button: l10n.t('Revoke Role'),
  };
  const revoked = l10n.t('{0} no longer has the role {1}.', user, role);
  await changeAccounts(context, connection, question, (admin) => admin.revokeRole(user, role), revoked);
}

/** Switches authentication on, once there is a user with the role root who can sign in. */
export async function enableAuthentication(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts } = await accountTarget(context, argument);
  const problem = enableProblem(accounts);
  if (problem !== undefined)
    throw new EtcdError('unsupported', l10n.t('Authentication was not switched on. {0}', problem), {
      notCarriedOut: true,
    });
  const { username } = connection;
  const question = {
    message: l10n.t('Switch on authentication in {0}?', connection.name),
    detail: [
      l10n.t('Whoever does not sign in as one of its users is refused at once. Users: {0}.', accounts.users.length),
      username === undefined
        ? l10n.t('This connection signs nobody in: set its credentials afterwards, or you are refused, too.')
        : l10n.t('This connection signs in as {0}.', username),
      l10n.t('Without the password of root nobody can switch it off again.'),
    ],
    button: l10n.t('Switch On'),
  };
  const on = l10n.t('Authentication is on in {0}.', connection.name);
  await changeAccounts(context, connection, question, (admin) => admin.enable(), on);
}

export async function disableAuthentication(context: CommandContext, argument: unknown): Promise<void> {
  const { connection } = await accountTarget(context, argument);
  const question = {
    message: l10n.t('Switch off authentication in {0}?', connection.name),
    detail: [
      l10n.t('Everybody who reaches etcd may read and change everything then.'),
      l10n.t('Users and roles stay, and count again when it is switched on.'),
    ],
    button: l10n.t('Switch Off'),
  };
  const off = l10n.t('Authentication is off in {0}.', connection.name);
  await changeAccounts(context, connection, question, (admin) => admin.disable(), off);
}
