import { commands, ConfigurationTarget, l10n, ThemeIcon, Uri, workspace, type QuickPickItem } from 'vscode';
import { keyUriParts } from '../../documents/addresses/keyUri.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { knownPath } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

const SETTING = 'etcd.live';

interface Action extends QuickPickItem {
  readonly command: string;
}

/**
 * Switches following on or off, in the workspace's settings if there is a workspace, otherwise in the user's settings.
 */
export async function toggleLive(): Promise<void> {
  const settings = workspace.getConfiguration();
  const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await settings.update(SETTING, !settings.get(SETTING, true), target);
}

/** Compares the value in etcd with a document's text, saved or not. @throws EtcdError if the key no longer exists */
export async function compareWithEtcd(context: CommandContext, argument: unknown): Promise<void> {
  const target = knownPath(context, argument);
  if (target?.kind !== 'key')
    throw new EtcdError('notFound', l10n.t('Open the key to compare, and run this command there.'));
  const { connection, path: key } = target;
  const address = { connectionId: connection.id, key };
  const store = await connection.store('interactive');
  const { kv } = await store.get(key);
  if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} no longer exists.', keyText(key)));
  if (store.capabilities.history)
    return await context.documents.compare({ ...address, revision: kv.modRevision }, address);
  // v2 has no address for this value, so VS Code must read the file itself.
  await window.showTextDocument(Uri.from(keyUriParts(address)));
  await commands.executeCommand('workbench.files.action.compareWithSaved');
}

/** Offers actions for the active editor's key, when the status bar is clicked. */
export async function showKeyActions(context: CommandContext, argument: unknown): Promise<void> {
  const target = knownPath(context, argument);
  if (target?.kind !== 'key') return;
  const { connection, path } = target;
  const can = connection.capabilities;
  const isWritable = can?.writable ?? !connection.isReadOnly;
  const actions: (Action | undefined)[] = [
    can?.history ? action('etcd.showHistory', l10n.t('Show History…'), 'history') : undefined,
    can?.leases ? action('etcd.showLease', l10n.t('Show Lease…'), 'clock') : undefined,
    isWritable ? action('etcd.setLifetime', l10n.t('Set Time to Live…'), 'watch') : undefined,
    action('etcd.copyKey', l10n.t('Copy Key'), 'copy'),
    action('etcd.copyValue', l10n.t('Copy Value'), 'clippy'),
  ];
  const title = l10n.t('{0} ({1})', keyText(path), connection.name);
  const chosen = await window.showQuickPick(
    actions.filter((each) => each !== undefined),
    { title },
  );
  if (chosen) await commands.executeCommand(chosen.command);
}

function action(command: string, label: string, icon: string): Action {
  return { command, label, iconPath: new ThemeIcon(icon) };
}
