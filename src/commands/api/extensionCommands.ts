import { extensions, l10n } from 'vscode';
import { ExtensionConsents } from '../../connections/trust/extensionConsents.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { confirm } from '../../ui/confirm.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { createApi } from './createApi.ts';
import type { EtcdApi } from './etcdApi.d.ts';

/**
 * Returns the API for another extension, once the user has allowed that. A no holds until the window is closed.
 * @throws EtcdError
 */
export async function getApi(context: CommandContext, version: unknown, extensionId: unknown): Promise<EtcdApi> {
  if (version !== 1) throw new EtcdError('unsupported', l10n.t('The API of etcd for VS Code has only version 1.'));
  const caller = typeof extensionId === 'string' ? extensions.getExtension(extensionId) : undefined;
  if (!caller) throw new EtcdError('configuration', l10n.t('There is no extension with the id that was given.'));
  const { globalState, asked } = context;
  const extensionConsents = new ExtensionConsents(globalState);
  if (!extensionConsents.has(caller.id)) {
    const answer = asked.get(caller.id) ?? ask(caller.id, caller.packageJSON);
    asked.set(caller.id, answer);
    if (!(await answer))
      throw new EtcdError('configuration', l10n.t('You have not allowed {0} to read etcd.', caller.id));
    await extensionConsents.allow(caller.id);
    asked.delete(caller.id);
  }
  return createApi({ ...context, extensionConsents }, caller.id);
}

/** Lists the extensions that may read etcd, and takes that back from the chosen one. */
export async function showAllowedExtensions({ globalState }: CommandContext): Promise<void> {
  const extensionConsents = new ExtensionConsents(globalState);
  const { allowed } = extensionConsents;
  if (allowed.length === 0) return void window.showInformationMessage(l10n.t('No other extension may read etcd.'));
  const items = allowed.map((id) => ({ label: id }));
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Extensions That May Read etcd'),
    placeHolder: l10n.t('Choose the one that may not any more'),
  });
  if (chosen) await extensionConsents.revoke(chosen.label);
}

async function ask(id: string, { displayName }: { readonly displayName?: unknown }): Promise<boolean> {
  const detail = [
    l10n.t('It calls itself {0}.', typeof displayName === 'string' ? displayName : id),
    l10n.t('It could read all keys and values of your connections, also of production, and follow changes.'),
    l10n.t('It gets no passwords, and cannot write.'),
    l10n.t('"etcd: Allowed Extensions…" takes this back.'),
  ];
  return (await confirm(l10n.t('Allow the extension {0} to read etcd?', id), detail, l10n.t('Allow'))) !== undefined;
}
