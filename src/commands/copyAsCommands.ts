import { env, l10n, window, workspace, type QuickPickItem } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { CopiedConnection, CopiedPassword } from '../connections/formats/copy.ts';
import { copyAs, type CopyForm } from '../connections/formats/copyAs.ts';
import { resolvePath } from '../connections/tlsFiles.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { CommandContext } from './commandContext.ts';
import { cancelled, connectionTarget, knownPath } from './targets.ts';

/** Copies a connection, or a key of it, as a command, variables, connection strings or Go. */
export async function copyConnectionAs(context: CommandContext, argument: unknown): Promise<void> {
  const path = knownPath(context, argument);
  const connection = path?.connection ?? (await connectionTarget(context, argument));
  const { problem } = connection.profile;
  if (problem !== undefined) throw new EtcdError('configuration', problem);
  const form = await pickForm(connection);
  const password = await pickPassword(context, connection);
  const key = path && { key: path.path, prefix: path.kind === 'folder' };
  const { text, leftOut } = copyAs(form, copied(connection), { password, ...key });
  await env.clipboard.writeText(text);
  if (leftOut.length > 0) void window.showInformationMessage([l10n.t('Copied.'), ...leftOut].join(' '));
  else window.setStatusBarMessage(l10n.t('Copied.'), 3000);
}

async function pickForm({ state, name }: Connection): Promise<CopyForm> {
  const v3: FormItem[] = [
    { form: 'etcdctlV3', label: 'etcdctl', description: 'v3' },
    { form: 'curlV3', label: 'curl', description: 'v3' },
    { form: 'goV3', label: 'Go', description: 'clientv3' },
  ];
  const v2: FormItem[] = [
    { form: 'etcdctlV2', label: 'etcdctl', description: 'v2' },
    { form: 'curlV2', label: 'curl', description: 'v2' },
    { form: 'goV2', label: 'Go', description: 'client/v2' },
  ];
  const both: FormItem[] = [
    { form: 'environment', label: l10n.t('Environment variables'), description: 'ETCDCTL_…' },
    { form: 'connectionStrings', label: l10n.t('Connection strings') },
  ];
  const isV2 = state.kind === 'connected' && state.api === 'v2';
  const items = isV2 ? [...v2, ...both, ...v3] : [...v3, ...both, ...v2];
  const chosen = await window.showQuickPick(items, { title: l10n.t('Copy {0} as…', name) });
  if (!chosen) throw cancelled();
  return chosen.form;
}

interface FormItem extends QuickPickItem {
  readonly form: CopyForm;
}

/** Asks how the password is to stand in the copy, where one is known at all. */
async function pickPassword({ credentials }: CommandContext, connection: Connection): Promise<CopiedPassword> {
  if (connection.profile.settings.username === undefined) return { kind: 'variable' };
  const scope = await connection.credentialScope('background').catch(unknownWhereUnusable);
  const known = scope && (await credentials.get(scope));
  if (!known) return { kind: 'variable' };
  const items: (QuickPickItem & { readonly password: CopiedPassword })[] = [
    { label: l10n.t('Password from the variable ETCD_PASSWORD'), password: { kind: 'variable' } },
    { label: l10n.t('A placeholder for the password'), password: { kind: 'placeholder' } },
    {
      label: l10n.t('The password itself'),
      detail: l10n.t('Whoever reads the clipboard reads it.'),
      password: { kind: 'literal', password: known.password },
    },
  ];
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('How is the password to be copied?') });
  if (!chosen) throw cancelled();
  return chosen.password;
}

/** A certificate file that cannot be read keeps nobody from copying a command. */
function unknownWhereUnusable(error: unknown): undefined {
  if (!EtcdError.is(error)) throw error;
}

/** The connection's settings with full paths, since a terminal may stand in any folder. */
function copied({ profile, state }: Connection): CopiedConnection {
  const { name: _, ...settings } = profile.settings;
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  const paths = (['caFile', 'certFile', 'keyFile', 'pfxFile'] as const).flatMap((name) => {
    const path = settings[name];
    return path === undefined ? [] : [[name, resolvePath(path, folder)] as const];
  });
  const api = state.kind === 'connected' ? { api: state.api } : {};
  return { ...settings, ...Object.fromEntries(paths), ...api };
}
