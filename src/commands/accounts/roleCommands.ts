import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { ROOT, type Access } from '../../etcd/accounts/accountAdmin.ts';
import { accessText, whoMay, type Deed, type Permitted } from '../../etcd/accounts/permissions.ts';
import { rangeText } from '../../etcd/keys/rangeText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { prefixRange, singleKeyRange } from '../../etcd/keys/ranges.ts';
import type { KeyRange } from '../../etcd/keyStore.ts';
import { pickKey } from '../../ui/keyPicker.ts';
import { markdownText } from '../../ui/text/markdown.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pathTargets, rangeOf } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { accountsOf, accountTarget, askNewName, changeAccounts, pickName } from './accountTargets.ts';

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

export async function addRole(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts } = await accountTarget(context, argument);
  const name = await askNewName(l10n.t('Name of the New Role'), names(accounts.roles));
  const question = {
    message: l10n.t('Add the role {0} to {1}?', name, connection.name),
    detail: [
      name === ROOT
        ? l10n.t('The role root may do everything, users and roles included.')
        : l10n.t('It permits nothing until keys are added to it.'),
    ],
    button: l10n.t('Add Role'),
  };
  const added = l10n.t('The role {0} was added.', name);
  await changeAccounts(context, connection, question, (admin) => admin.addRole(name), added);
}

export async function deleteRole(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const name = await pickName(row.role, names(accounts.roles), l10n.t('Which role is to be deleted?'));
  const having = names(accounts.users.filter(({ roles }) => roles.includes(name)));
  const question = {
    message: l10n.t('Delete the role {0} of {1}?', name, connection.name),
    detail: [
      having.length === 0 ? l10n.t('No user has it.') : l10n.t('It is taken from {0}.', having.join(', ')),
      l10n.t('This cannot be undone.'),
    ],
    button: l10n.t('Delete Role'),
  };
  const deleted = l10n.t('The role {0} was deleted.', name);
  await changeAccounts(context, connection, question, (admin) => admin.deleteRole(name), deleted);
}

/** Lets a role read or write a key, a folder, or everything. */
export async function addPermission(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const role = await pickName(row.role, names(accounts.roles), l10n.t('Which role is to permit more?'));
  const choices = (['read', 'write', 'readwrite'] as const).map((access: Access) => ({
    label: accessText(access),
    access,
  }));
  const chosen = await window.showQuickPick(choices, { placeHolder: l10n.t('What is {0} to permit?', role) });
  if (!chosen) throw cancelled();
  const range = await askRange(connection, role);
  const question = {
    message: l10n.t('Let the role {0} {1} {2}?', role, chosen.label, rangeText(range)),
    detail: [l10n.t('What it was granted before for exactly these keys is replaced.')],
    button: l10n.t('Grant'),
  };
  const granted = l10n.t('The role {0} may {1} {2}.', role, chosen.label, rangeText(range));
  const grant = { access: chosen.access, range };
  await changeAccounts(context, connection, question, (admin) => admin.grant(role, grant), granted);
}

/** Asks for one of the existing keys; a folder stands for all keys that begin with it. */
async function askRange(connection: Connection, role: string): Promise<KeyRange> {
  const picked = await pickKey(await connection.store('interactive'), {
    title: l10n.t('Keys of the Role {0}', role),
    placeholder: l10n.t('Type the path of a folder or a key'),
    initial: connection.root,
    folderLabel: (folder) => l10n.t('Everything that begins with {0}', folder),
    wholeLabel: l10n.t('All keys'),
    newKeyLabel: (key) => l10n.t('The key {0}, which does not exist yet', key),
  });
  if (!picked) throw cancelled();
  return picked.kind === 'folder' ? prefixRange(picked.path) : singleKeyRange(picked.path);
}

export async function revokePermission(context: CommandContext, argument: unknown): Promise<void> {
  const { connection, accounts, row } = await accountTarget(context, argument);
  const having = accounts.roles.filter(({ grants }) => grants.length > 0);
  const role = await pickName(row.role, names(having), l10n.t('Which role is to permit less?'));
  const grants = having.find(({ name }) => name === role)?.grants ?? [];
  const items = grants.map((grant) => ({
    label: rangeText(grant.range),
    description: accessText(grant.access),
    grant,
  }));
  const named = row.grant && items.find(({ label }) => row.grant && label === rangeText(row.grant.range));
  const chosen = named ?? (await window.showQuickPick(items, { placeHolder: l10n.t('What is {0} to lose?', role) }));
  if (!chosen) throw cancelled();
  const question = {
    message: l10n.t('Take {0} from the role {1}?', chosen.label, role),
    detail: [l10n.t('What only this permits is refused to its users at once.')],
    button: l10n.t('Revoke'),
  };
  const revoked = l10n.t('The role {0} no longer has {1}.', role, chosen.label);
  await changeAccounts(context, connection, question, (admin) => admin.revoke(role, chosen.grant.range), revoked);
}

/** Shows who may read and who may write a key or a folder, and through which roles. */
export async function showAccess(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, selected, {
    title: l10n.t('Show Who Has Access'),
    placeholder: l10n.t('Type the path of a key or a folder'),
  });
  if (!target) throw cancelled();
  const accounts = await accountsOf(liveOf(target.connection));
  const name = keyText(target.path);
  const section = (title: string, deed: Deed) => [
    `## ${title}`,
    '',
    ...permittedLines(whoMay(accounts, deed, rangeOf(target))),
    '',
  ];
  const off = accounts.isEnabled === false ? [l10n.t('Authentication is off: everybody may do everything.'), ''] : [];
  const text = [
    `# ${l10n.t('Who has access to {0} in {1}', markdownText(name), markdownText(target.connection.name))}`,
    '',
    ...off,
    ...section(l10n.t('Read'), 'read'),
    ...section(l10n.t('Write'), 'write'),
  ].join('\n');
  await context.previews.showReport(l10n.t('Access to {0}', name), text);
}

function permittedLines(permitted: readonly Permitted[]): string[] {
  if (permitted.length === 0) return [l10n.t('Nobody.')];
  return [
    `| ${[l10n.t('user'), l10n.t('through the roles'), l10n.t('of it')].join(' | ')} |`,
    '| --- | --- | --- |',
    ...permitted.map(({ user, roles, isWhole }) => {
      const cells = [user, roles.join(', '), isWhole ? l10n.t('all') : l10n.t('a part')];
      return `| ${cells.map(markdownText).join(' | ')} |`;
    }),
  ];
}
