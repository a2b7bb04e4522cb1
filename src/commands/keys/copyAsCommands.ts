import { env, l10n, QuickPickItemKind, workspace, type QuickPickItem } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { CopiedConnection, CopiedPassword } from '../../connections/formats/write/copy.ts';
import { copyAs, type CopyForm } from '../../connections/formats/write/copyAs.ts';
import { copyPuts, type PutForm } from '../../connections/formats/write/writePuts.ts';
import { resolvePath } from '../../connections/trust/tlsPaths.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { withoutNested } from '../../etcd/keys/ranges.ts';
import type { KeyValue } from '../../etcd/keyStore.ts';
import { sum } from '../../etcd/sum.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { connectionTarget, knownPaths, rangeOf } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Limit of the bytes of values that are copied to the clipboard. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Copies a connection, or keys of it, as a command, variables, connection strings or Go; keys also with their values,
 * as commands that write them.
 */
export async function copyConnectionAs(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const paths = knownPaths(context, argument, selected);
  const connection = paths[0]?.connection ?? (await connectionTarget(context, argument));
  const { problem } = connection.profile;
  if (problem !== undefined) throw new EtcdError('configuration', problem);
  const form = await pickForm(connection, paths);
  const password = await pickPassword(context, connection);
  const { text, leftOut } =
    form.kind === 'writes'
      ? copyPuts(form.form, copied(connection), await readAll(connection, paths), password)
      : copyAs(form.form, copied(connection), { password, revision: connection.revision, ...keyOf(paths) });
  await env.clipboard.writeText(text);
  if (leftOut.length > 0) void window.showInformationMessage([l10n.t('Copied.'), ...leftOut].join(' '));
  else window.setStatusBarMessage(l10n.t('Copied.'), 3000);
}

function keyOf([path]: readonly PathTarget[]): { readonly key?: Uint8Array; readonly prefix?: boolean } {
  return path ? { key: path.path, prefix: path.kind === 'folder' } : {};
}

/** Reads keys with their values. @throws EtcdError if they are too much to copy */
async function readAll(connection: Connection, paths: readonly PathTarget[]): Promise<readonly KeyValue[]> {
  const store = await connection.store('interactive');
  const found: KeyValue[] = [];
  let bytes = 0;
  for (const range of withoutNested(paths.map(rangeOf)))
    for await (const { kvs } of store.scan(range, { values: true })) {
      found.push(...kvs);
      bytes += sum(kvs.map(({ key, value }) => key.length + value.length));
      if (bytes > MAX_BYTES)
        throw new EtcdError('unsupported', l10n.t('This is too large for the clipboard. Export it to a file instead.'));
    }
  if (found.length === 0) throw new EtcdError('notFound', l10n.t('There are no keys left to copy.'));
  return found;
}

type Form = { readonly kind: 'reads'; readonly form: CopyForm } | { readonly kind: 'writes'; readonly form: PutForm };

interface FormItem extends QuickPickItem {
  readonly form?: Form;
}

async function pickForm({ state, name }: Connection, paths: readonly PathTarget[]): Promise<Form> {
  const isV2 = state.kind === 'connected' && state.api === 'v2';
  const inOrder = (v3: readonly FormItem[], both: readonly FormItem[], v2: readonly FormItem[]) =>
    isV2 ? [...v2, ...both, ...v3] : [...v3, ...both, ...v2];
  const reads = (form: CopyForm, label: string, description = ''): FormItem => ({
    label,
    description,
    form: { kind: 'reads', form },
  });
  const writes = (form: PutForm, label: string, description: string): FormItem => ({
    label,
    description,
    form: { kind: 'writes', form },
  });
  const reading = inOrder(
    [reads('etcdctlV3', 'etcdctl', 'v3'), reads('curlV3', 'curl', 'v3'), reads('goV3', 'Go', 'clientv3')],
    [
      reads('environment', l10n.t('Environment variables'), 'ETCDCTL_…'),
      reads('connectionStrings', l10n.t('Connection strings')),
    ],
    [reads('etcdctlV2', 'etcdctl', 'v2'), reads('curlV2', 'curl', 'v2'), reads('goV2', 'Go', 'client/v2')],
  );
  const writing = inOrder(
    [writes('etcdctlV3', 'etcdctl put', 'v3'), writes('curlV3', 'curl …/kv/put', 'v3')],
    [],
    [writes('etcdctlV2', 'etcdctl set', 'v2'), writes('curlV2', 'curl -X PUT', 'v2')],
  );
  const separator = (label: string): FormItem => ({ label, kind: QuickPickItemKind.Separator });
  const one = [
    separator(l10n.t('commands that read')),
    ...reading,
    separator(l10n.t('commands that write the values')),
    ...writing,
  ];
  const items = paths.length === 0 ? reading : paths.length === 1 ? one : writing;
  const [only, ...others] = paths;
  const what = only && others.length === 0 ? keyText(only.path) : name;
  const title =
    others.length > 0 ? l10n.t('Copy {0} keys and folders as…', paths.length) : l10n.t('Copy {0} as…', what);
  const form = (await window.showQuickPick(items, { title, matchOnDescription: true }))?.form;
  if (!form) throw cancelled();
  return form;
}

/** Asks how the copy should contain the password, if one is known. */
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
      detail: l10n.t('Anyone who can read the clipboard can read it.'),
      password: { kind: 'literal', password: known.password },
    },
  ];
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('How should the password be copied?') });
  if (!chosen) throw cancelled();
  return chosen.password;
}

/** Ignores a certificate file that cannot be read, because the command can be copied anyway. */
function unknownWhereUnusable(error: unknown): undefined {
  if (!EtcdError.is(error)) throw error;
}

/** Returns the connection's settings with full paths, because a terminal may be in any folder. */
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
