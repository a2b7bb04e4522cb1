import { l10n, ThemeIcon, Uri, workspace } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { workspaceFolder } from '../../connections/settings/workspaceFolder.ts';
import { resolvePath } from '../../connections/trust/tlsPaths.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { certificateText } from '../../etcd/http/pem.ts';
import type { NewTerminal } from '../../ui/text/terminals.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { CertificateFile } from './certificateFile.ts';
import { etcdctlVariables, notExpressed } from './etcdctlVariables.ts';

/** Opens a terminal in which etcdctl connects as the connection does; other terminals do not get its variables. */
export async function openTerminal(context: CommandContext, argument: unknown): Promise<void> {
  window.createTerminal(await etcdctlTerminal(context, argument)).show();
}

/** Describes the terminal for `openTerminal`. @throws EtcdError `cancelled` if the user declines */
export async function etcdctlTerminal(context: CommandContext, argument: unknown): Promise<NewTerminal> {
  const connection = liveOf(await connectionTarget(context, argument));
  const { settings } = connection.profile;
  checkUsable(connection);
  // A contact from the terminal needs the same consent as one from here.
  await connection.allowedScope('interactive');
  const password = await askPassword(context, connection);
  const file = settings.ca === undefined ? undefined : await certificateFile(context, settings.ca);
  const full = (path: string | undefined) =>
    path === undefined ? undefined : resolvePath(path, workspaceFolder(connection.profile));
  const files = { ca: file ?? full(settings.caFile), cert: full(settings.certFile), key: full(settings.keyFile) };
  return {
    name: l10n.t('etcdctl: {0}', connection.name),
    env: etcdctlVariables(settings, settings.endpoints, files, password),
    iconPath: new ThemeIcon('terminal'),
    // VS Code must not restore the terminal after a restart, because its variables and its file no longer exist then.
    isTransient: true,
    message: [l10n.t('etcdctl connects to {0} here.', connection.name), ...notExpressed(settings)],
  };
}

function checkUsable({ profile: { settings, source }, name, file, state }: Connection): void {
  if (source === 'workspace' && !workspace.isTrusted)
    throw new EtcdError('configuration', l10n.t('Trust the workspace first: {0} is one of its connections.', name));
  if (file || settings.api === 'v2' || (state.kind === 'connected' && state.api === 'v2'))
    throw new EtcdError('unsupported', l10n.t("This terminal needs etcd's v3 API, which {0} does not offer.", name));
}

/** Writes a certificate to a file, which is removed when the terminal that uses it is closed. @returns its path */
async function certificateFile({ storage }: CommandContext, pem: string): Promise<string> {
  const folder = Uri.joinPath(storage, 'terminals').fsPath;
  const file = await CertificateFile.create(folder, certificateText(pem, 'ca'));
  const closed = window.onDidCloseTerminal(({ creationOptions }) => {
    if (!('env' in creationOptions) || creationOptions.env?.['ETCDCTL_CACERT'] !== file.path) return;
    closed.dispose();
    void file.remove();
  });
  return file.path;
}

/** @returns the password if the user wants it in the terminal; undefined if etcdctl should ask */
async function askPassword({ credentials }: CommandContext, connection: Connection): Promise<string | undefined> {
  if (connection.username === undefined) return undefined;
  const known = await credentials.get(await connection.credentialScope('background'));
  if (!known) return undefined;
  const choices = [
    { label: l10n.t('Let etcdctl ask for the password'), isIncluded: false },
    {
      label: l10n.t('Put the password into ETCDCTL_PASSWORD'),
      detail: l10n.t('Everything that runs in this terminal can read it.'),
      isIncluded: true,
    },
  ];
  const placeHolder = l10n.t('How is etcdctl to sign in as {0}?', connection.username);
  const chosen = await window.showQuickPick(choices, { placeHolder, ignoreFocusOut: true });
  if (!chosen) throw cancelled();
  return chosen.isIncluded ? known.password : undefined;
}
