import { isAbsolute, join } from 'node:path';
import { env, FileSystemError, l10n, UIKind, Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { ConnectionSettings, ConnectionSource } from '../connections/connectionProfile.ts';
import { updateConnectionSettings } from '../connections/connectionSettings.ts';
import { connectionInEnvironment, parseConnection } from '../connections/formats/parseConnection.ts';
import type { PastedConnection } from '../connections/formats/pastedConnection.ts';
import { resolvePath } from '../connections/tlsFiles.ts';
import { EtcdError } from '../etcd/errors.ts';
import { confirm } from '../ui/confirm.ts';
import { choiceStep, runSteps, textStep, type Step } from '../ui/inputSteps.ts';
import type { CommandContext } from './commandContext.ts';
import { nameStep, proposedName, sourceStep } from './connectionForm.ts';
import { connectionNames, keepConnection, settled, showInTree } from './keepConnection.ts';
import { cancelled } from './targets.ts';

const CERTIFICATE_FILE = 'servercert.crt';
const FILE_SETTINGS = ['caFile', 'certFile', 'keyFile', 'pfxFile'] as const;

/** Adds the connection that the user has copied; of a certificate alone, gives it to a connection. */
export async function addConnectionFromClipboard(context: CommandContext): Promise<void> {
  const copied = parseConnection(await env.clipboard.readText(), process.env);
  if (copied.endpoints.length > 0) return await addPasted(context, copied);
  if (copied.ca !== undefined && context.connections.live.length > 0) return await giveCertificate(context, copied.ca);
  const inEnvironment = connectionInEnvironment(process.env);
  if (inEnvironment.endpoints.length > 0) return await addPasted(context, inEnvironment);
  const hint =
    copied.ca === undefined
      ? l10n.t(
          'The clipboard holds no etcd connection. Copy a connection string, a line of curl or etcdctl, ETCDCTL_ variables or Go code.',
        )
      : l10n.t('The clipboard holds a certificate, but no endpoint. Copy a connection string too, or add one by hand.');
  throw new EtcdError('configuration', [hint, ...copied.notUnderstood].join(' '));
}

/** Offers the connection that is on the clipboard or in the editor's environment. False where the user wants another. */
export async function offerFound(context: CommandContext): Promise<boolean> {
  const found = await foundConnections();
  if (found.length === 0) return false;
  const byHand: FoundItem = { label: l10n.t('Enter a connection step by step') };
  const chosen = await window.showQuickPick<FoundItem>([...found, byHand], { title: l10n.t('Add etcd Connection') });
  if (!chosen) throw cancelled();
  if (chosen.pasted) await addPasted(context, chosen.pasted);
  return chosen.pasted !== undefined;
}

interface FoundItem extends QuickPickItem {
  readonly pasted?: PastedConnection;
}

async function foundConnections(): Promise<FoundItem[]> {
  // A browser asks its user, or reports an error, whenever a page reads the clipboard.
  const copied = env.uiKind === UIKind.Desktop ? await env.clipboard.readText() : '';
  const places = [
    { label: l10n.t('Use the connection on the clipboard'), pasted: parseConnection(copied, process.env) },
    {
      label: l10n.t("Use the connection of the editor's environment (ETCDCTL_ENDPOINTS)"),
      pasted: connectionInEnvironment(process.env),
    },
  ];
  return places
    .filter(({ pasted }) => pasted.endpoints.length > 0)
    .map((place) => ({ ...place, description: place.pasted.endpoints.join(', ') }));
}

/** Shows what was understood and what was not, asks for the rest, keeps the connection and opens it. */
async function addPasted(context: CommandContext, pasted: PastedConnection): Promise<void> {
  if (!(await confirm(l10n.t('Add this etcd connection?'), summary(pasted), l10n.t('Continue')))) return;
  const takenNames = connectionNames(context);
  let name = proposedName(pasted.endpoints, takenNames);
  let source: ConnectionSource = 'user';
  let place: CertificatePlace = { kind: 'text' };
  const steps = (): Step[] => [
    ...(pasted.ca === undefined ? [] : certificateSteps(place, pasted.caFile, (answer) => (place = answer))),
    nameStep(name, takenNames, (answer) => (name = answer)),
    ...(workspace.workspaceFolders ? [sourceStep((answer) => (source = answer))] : []),
  ];
  if (!(await runSteps(l10n.t('Add etcd Connection'), steps))) return;
  const { caFile, ...others } = settingsOf(pasted);
  const named = caFile === undefined ? {} : { caFile };
  const certificate = pasted.ca === undefined ? named : await keepCertificate(pasted.ca, place);
  const settings = withPaths({ name, ...others, ...certificate }, source);
  await keepConnection(context, { settings, source, password: pasted.password ?? '' });
}

async function giveCertificate(context: CommandContext, ca: string): Promise<void> {
  const items = context.connections.live
    .filter(({ id, profile }) => id === profile.id)
    .map((connection) => ({
      label: connection.name,
      description: connection.profile.settings.endpoints.join(', '),
      connection,
    }));
  const placeHolder = l10n.t('Which connection is to trust the certificate on the clipboard?');
  const chosen = await window.showQuickPick(items, { placeHolder });
  if (!chosen) throw cancelled();
  const { connection } = chosen;
  const { profile } = connection;
  const { ca: _, caFile, ...others } = profile.settings;
  let place: CertificatePlace = { kind: 'text' };
  const steps = () => certificateSteps(place, caFile, (answer) => (place = answer));
  if (!(await runSteps(l10n.t('Certificate of {0}', connection.name), steps))) return;
  const certificate = await keepCertificate(ca, place);
  await updateConnectionSettings(profile, withPaths({ ...others, ...certificate }, profile.source));
  await showInTree(context, await settled(context, profile.id, connection));
}

/** Where a pasted certificate is kept: in the setting, or in a file. */
type CertificatePlace = { readonly kind: 'text' } | { readonly kind: 'file'; readonly path: string };

/** Asks where to keep a certificate; without a workspace there is only the setting. */
function certificateSteps(
  place: CertificatePlace,
  proposed: string | undefined,
  answer: (place: CertificatePlace) => void,
): Step[] {
  if (workspaceFolder() === undefined) return [];
  const path = place.kind === 'file' ? place.path : (proposed?.replace(/^\.\//, '') ?? CERTIFICATE_FILE);
  const choice = choiceStep<CertificatePlace['kind']>({
    placeholder: l10n.t('Where to keep the certificate?'),
    choices: [
      { value: 'file', label: l10n.t('As a file'), detail: l10n.t('In the workspace folder, such as {0}', path) },
      { value: 'text', label: l10n.t('As text in the settings') },
    ],
    answer: (kind) => answer(kind === 'file' ? { kind, path } : { kind }),
  });
  const file = textStep({
    prompt: l10n.t("The certificate's file, from the workspace folder"),
    value: path,
    validate: (text) => (text.trim() === '' ? l10n.t('Write a path.') : undefined),
    answer: (text) => answer({ kind: 'file', path: text.trim() }),
  });
  return place.kind === 'file' ? [choice, file] : [choice];
}

/** Writes the certificate's file, replacing another's content only when told to. @throws EtcdError `cancelled` */
async function keepCertificate(
  ca: string,
  place: CertificatePlace,
): Promise<Pick<ConnectionSettings, 'ca' | 'caFile'>> {
  if (place.kind === 'text') return { ca };
  const uri = Uri.file(resolvePath(place.path, workspaceFolder()));
  const content = `${ca}\n`;
  const existing = await contentOf(uri);
  if (existing?.trim() === ca) return { caFile: place.path };
  const detail = l10n.t('It exists, with another content.');
  if (existing !== undefined && !(await confirm(l10n.t('Replace {0}?', place.path), detail, l10n.t('Replace'))))
    throw cancelled();
  await workspace.fs.writeFile(uri, Buffer.from(content));
  return { caFile: place.path };
}

async function contentOf(uri: Uri): Promise<string | undefined> {
  try {
    return Buffer.from(await workspace.fs.readFile(uri)).toString('utf8');
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return undefined;
    throw error;
  }
}

/** `api` stays out: a connection finds out what its server speaks, and shows v2 and v3 where there are both. */
function settingsOf(pasted: PastedConnection): Omit<ConnectionSettings, 'name'> {
  const { api: _api, sync, password: _password, notUnderstood: _notes, ca: _ca, ...settings } = pasted;
  return { ...settings, ...(sync && { sync }) };
}

/** The user's settings hold in every window: a path from this workspace's folder is written in full there. */
function withPaths(settings: ConnectionSettings, source: ConnectionSource): ConnectionSettings {
  const folder = workspaceFolder();
  if (source === 'workspace' || folder === undefined) return settings;
  const paths = FILE_SETTINGS.flatMap((name) => {
    const path = settings[name];
    return path === undefined || isAbsolute(path) || /^~|\$\{/.test(path) ? [] : [[name, join(folder, path)] as const];
  });
  return { ...settings, ...Object.fromEntries(paths) };
}

function summary(pasted: PastedConnection): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    [l10n.t('Endpoints'), pasted.endpoints.join(', ')],
    [l10n.t('User name'), pasted.username],
    [l10n.t('Password'), pasted.password && l10n.t('given; it goes to the secret storage')],
    [l10n.t('Certificate'), pasted.ca === undefined ? pasted.caFile : l10n.t('given as text')],
    [l10n.t('Client certificate'), pasted.certFile ?? pasted.pfxFile],
    [l10n.t('Key of the client certificate'), pasted.keyFile],
    [l10n.t('Server name'), pasted.serverName],
    [l10n.t('Pins'), pasted.pinnedSha256?.join(', ')],
    [l10n.t('Connect timeout'), seconds(pasted.connectTimeout)],
    [l10n.t('Header timeout'), seconds(pasted.headerTimeout)],
  ];
  const understood = rows.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  const { notUnderstood } = pasted;
  return [...understood, ...(notUnderstood.length > 0 ? ['', ...notUnderstood] : [])].join('\n');
}

function seconds(count: number | undefined): string | undefined {
  return count === undefined ? undefined : l10n.t('{0} seconds', count);
}

function workspaceFolder(): string | undefined {
  return workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
}
