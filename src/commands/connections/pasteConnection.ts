import { isAbsolute, join } from 'node:path';
import { l10n, Uri, workspace, type QuickPickItem } from 'vscode';
import {
  DEFAULT_ENDPOINT,
  type ConnectionSettings,
  type ConnectionSource,
} from '../../connections/settings/connectionProfile.ts';
import { connectionInEnvironment, parseConnection } from '../../connections/formats/read/parseConnection.ts';
import type { PastedConnection } from '../../connections/formats/read/connectionDraft.ts';
import { resolvePath } from '../../connections/trust/tlsPaths.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { readRegularFile } from '../../etcd/regularFile.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import { clipboardOrPasted, clipboardUnasked } from '../../ui/clipboard.ts';
import { confirm } from '../../ui/confirm.ts';
import { choiceStep, runSteps, textStep, type Step } from '../../ui/inputSteps.ts';
import { writeFile } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { endpointsStep, nameStep, proposedName, sourceStep } from './connectionForm.ts';
import { keepConnection, showInTree } from './keepConnection.ts';
import { connectionNames, settled } from './presentConnections.ts';
import { workspaceFolder } from '../../connections/settings/workspaceFolder.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

const CERTIFICATE_FILE = 'servercert.crt';
const MAX_CERTIFICATE_BYTES = 1024 * 1024;
/** Limit of the notes in a dialog. */
const MAX_NOTES = 20;
const FILE_SETTINGS = ['caFile', 'certFile', 'keyFile', 'pfxFile'] as const;

/** Adds the connection that the user has copied; if it is only a certificate, adds that to a connection. */
export async function addConnectionFromClipboard(context: CommandContext): Promise<void> {
  const text = await clipboardOrPasted(
    l10n.t('Add etcd Connection'),
    l10n.t('Paste a connection string, a line of curl or etcdctl, ETCDCTL_ variables or a certificate.'),
  );
  if (text === undefined) throw cancelled();
  const copied = parseConnection(text, process.env);
  if (isUsable(copied)) return await addPasted(context, await candidate(copied));
  if (copied.ca !== undefined && context.connections.configured.length > 0)
    return await giveCertificate(context, copied.ca);
  // A pasted connection comes first, even if it cannot be used, because the environment may name another cluster.
  const inEnvironment = connectionInEnvironment(process.env);
  const isNothing = copied.ca === undefined && copied.notUnderstood.length === 0;
  if (isNothing && inEnvironment.endpoints.length > 0)
    return await addPasted(
      context,
      inEnvironment,
      l10n.t("The clipboard holds no etcd connection. Add the one of the editor's environment (ETCDCTL_ENDPOINTS)?"),
    );
  const hint =
    copied.ca === undefined
      ? l10n.t(
          'The clipboard holds no etcd connection. Copy a connection string, a line of curl or etcdctl, ETCDCTL_ variables or Go code.',
        )
      : l10n.t('The clipboard holds a certificate, but no endpoint. Copy a connection string too, or add one by hand.');
  throw new EtcdError('configuration', [hint, ...copied.notUnderstood].join(' '));
}

/**
 * Offers the connection on the clipboard or in the editor's environment; returns false if the user wants another one.
 */
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
  const copied = await clipboardUnasked();
  const places = [
    ...candidates(parseConnection(copied, process.env)).map((pasted) => ({
      label: l10n.t('Use the connection on the clipboard'),
      pasted,
    })),
    {
      label: l10n.t("Use the connection of the editor's environment (ETCDCTL_ENDPOINTS)"),
      pasted: connectionInEnvironment(process.env),
    },
  ];
  return places
    .filter(({ pasted }) => placesOf(pasted).length > 0)
    .map((place) => ({ ...place, description: placesOf(place.pasted).join(', ') }));
}

/** Returns all connections in a text, the likeliest first. */
function candidates({ others = [], ...first }: PastedConnection): readonly PastedConnection[] {
  return [first, ...others];
}

/** Asks which of several connections in a text to add. */
async function candidate(copied: PastedConnection): Promise<PastedConnection> {
  const [first, ...others] = candidates(copied).filter(isUsable);
  if (!first || others.length === 0) return first ?? copied;
  const items = [first, ...others].map((pasted) => ({
    label: placesOf(pasted).join(', ') || l10n.t('Endpoint to be completed'),
    description: pasted.name ?? pasted.username ?? '',
    pasted,
  }));
  const placeHolder = l10n.t('The text contains several connections. Which one do you want to add?');
  const chosen = await window.showQuickPick(items, { title: l10n.t('Add etcd Connection'), placeHolder });
  if (!chosen) throw cancelled();
  return chosen.pasted;
}

/** Whether a text contains a connection, or a part of one that is worth completing. */
function isUsable(pasted: PastedConnection): boolean {
  const { username, caFile, certFile, keyFile, pfxFile } = pasted;
  return (
    placesOf(pasted).length > 0 || [username, caFile, certFile, keyFile, pfxFile].some((each) => each !== undefined)
  );
}

function placesOf({ endpoints, placeholders = [] }: PastedConnection): readonly string[] {
  return [...endpoints, ...placeholders];
}

/** Shows which parts were understood and which not, asks for the rest, saves the connection and opens it. */
async function addPasted(
  context: CommandContext,
  pasted: PastedConnection,
  question = l10n.t('Add this etcd connection?'),
): Promise<void> {
  if (!(await confirm(question, summary(pasted), l10n.t('Continue')))) return;
  const takenNames = connectionNames(context);
  const isComplete = pasted.endpoints.length > 0 && pasted.placeholders === undefined;
  let { endpoints } = pasted;
  let written = placesOf(pasted).length > 0 ? placesOf(pasted) : [DEFAULT_ENDPOINT];
  let name = '';
  let source: ConnectionSource = 'user';
  let place: CertificatePlace = { kind: 'text' };
  const steps = (): Step[] => [
    ...(pasted.ca === undefined ? [] : certificateSteps(place, pasted.caFile, (answer) => (place = answer))),
    ...(isComplete ? [] : [endpointsStep(written, (answer) => (written = endpoints = answer))]),
    nameStep(name || nameOf(pasted, endpoints, takenNames), takenNames, (answer) => (name = answer)),
    ...(workspace.workspaceFolders ? [sourceStep((answer) => (source = answer))] : []),
  ];
  if (!(await runSteps(l10n.t('Add etcd Connection'), steps))) return;
  const { caFile, ...others } = settingsOf(pasted);
  const named = caFile === undefined ? {} : { caFile };
  const certificate = pasted.ca === undefined ? named : await keepCertificate(pasted.ca, place);
  const settings = withPaths({ ...others, name, endpoints, ...certificate }, source);
  await keepConnection(context, { settings, source, password: pasted.password ?? '' });
}

function nameOf({ name }: PastedConnection, endpoints: readonly string[], takenNames: readonly string[]): string {
  return name === undefined || takenNames.includes(name) ? proposedName(endpoints, takenNames) : name;
}

async function giveCertificate(context: CommandContext, ca: string): Promise<void> {
  const items = context.connections.configured
    .filter(({ id, profile }) => id === profile.id)
    .map((connection) => ({
      label: connection.name,
      description: connection.profile.settings.endpoints.join(', '),
      connection,
    }));
  const placeHolder = l10n.t('Which connection should trust the certificate on the clipboard?');
  const chosen = await window.showQuickPick(items, { placeHolder });
  if (!chosen) throw cancelled();
  const { connection } = chosen;
  const { profile } = connection;
  const { ca: _, caFile, ...others } = profile.settings;
  let place: CertificatePlace = { kind: 'text' };
  const steps = () => certificateSteps(place, caFile, (answer) => (place = answer));
  if (!(await runSteps(l10n.t('Certificate of {0}', connection.name), steps))) return;
  const certificate = await keepCertificate(ca, place);
  await context.entries.update(profile, { ...others, ...withPaths(certificate, profile.source) });
  await showInTree(context, await settled(context, profile.id, connection));
}

/** Destination of a pasted certificate: the setting, or a file. */
type CertificatePlace = { readonly kind: 'text' } | { readonly kind: 'file'; readonly path: string };

/** Asks where to keep a certificate; without a workspace, only the setting is possible. */
function certificateSteps(
  place: CertificatePlace,
  proposed: string | undefined,
  answer: (place: CertificatePlace) => void,
): Step[] {
  if (workspaceFolder() === undefined) return [];
  const path = place.kind === 'file' ? place.path : (proposed?.replace(/^\.\//, '') ?? CERTIFICATE_FILE);
  const choice = choiceStep<CertificatePlace['kind']>({
    placeholder: l10n.t('Where should the certificate be saved?'),
    choices: [
      { value: 'file', label: l10n.t('As a file'), detail: l10n.t('In the workspace folder, such as {0}', path) },
      { value: 'text', label: l10n.t('As text in the settings') },
    ],
    answer: (kind) => answer(kind === 'file' ? { kind, path } : { kind }),
  });
  const file = textStep({
    prompt: l10n.t('Path of the certificate file, relative to the workspace folder'),
    value: path,
    validate: (text) => (text.trim() === '' ? l10n.t('Enter a path.') : undefined),
    answer: (text) => answer({ kind: 'file', path: text.trim() }),
  });
  return place.kind === 'file' ? [choice, file] : [choice];
}

/** Writes the certificate's file; replaces other content only after a question. @throws EtcdError `cancelled` */
async function keepCertificate(
  ca: string,
  place: CertificatePlace,
): Promise<Pick<ConnectionSettings, 'ca' | 'caFile'>> {
  if (place.kind === 'text') return { ca };
  const uri = Uri.file(resolvePath(place.path, workspaceFolder()));
  const content = `${ca}\n`;
  const existing = await contentOf(uri);
  if (existing?.trim() === ca) return { caFile: place.path };
  const detail = l10n.t('The file exists with different content.');
  if (existing !== undefined && !(await confirm(l10n.t('Replace {0}?', place.path), detail, l10n.t('Replace'))))
    throw cancelled();
  await writeFile(uri, Buffer.from(content));
  return { caFile: place.path };
}

async function contentOf({ fsPath }: Uri): Promise<string | undefined> {
  try {
    return Buffer.from(await readRegularFile(fsPath, MAX_CERTIFICATE_BYTES)).toString('utf8');
  } catch (error) {
    if (unknownFields(error)['code'] === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns the settings without `api`: the connection finds out what its server speaks, and shows both v2 and v3. */
function settingsOf(pasted: PastedConnection): Omit<ConnectionSettings, 'name'> {
  const { api: _api, sync, password: _password, notUnderstood: _notes, ca: _ca, ...rest } = pasted;
  const { placeholders: _placeholders, others: _others, ...settings } = rest;
  return { ...settings, ...(sync && { sync }) };
}

/** Makes paths absolute for the user's settings, which apply to every window. */
function withPaths<Of extends Partial<ConnectionSettings>>(settings: Of, source: ConnectionSource): Of {
  const folder = workspaceFolder();
  if (source === 'workspace' || folder === undefined) return settings;
  const paths = FILE_SETTINGS.flatMap((name) => {
    const path = settings[name];
    return path === undefined || isAbsolute(path) || /^~|\$\{/.test(path) ? [] : [[name, join(folder, path)] as const];
  });
  return { ...settings, ...Object.fromEntries(paths) };
}

function summary(pasted: PastedConnection): string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    [l10n.t('Endpoints'), pasted.endpoints.join(', ')],
    [l10n.t('Endpoints to complete'), pasted.placeholders?.join(', ')],
    [l10n.t('User name'), pasted.username],
    [l10n.t('Password'), pasted.password && l10n.t('given; it is stored in the secret storage')],
    [l10n.t('Certificate'), pasted.ca === undefined ? pasted.caFile : l10n.t('given as text')],
    [l10n.t('Client certificate'), pasted.certFile ?? pasted.pfxFile],
    [l10n.t('Key of the client certificate'), pasted.keyFile],
    [l10n.t('Server name'), pasted.serverName],
    [l10n.t('Pins'), pasted.pinnedSha256?.join(', ')],
    [l10n.t('Connect timeout'), seconds(pasted.connectTimeout)],
    [l10n.t('Header timeout'), seconds(pasted.headerTimeout)],
    [l10n.t('Other settings'), otherSettings(pasted)],
  ];
  const understood = rows.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  const { notUnderstood } = pasted;
  const shown = notUnderstood.slice(0, MAX_NOTES);
  const more = notUnderstood.length - shown.length;
  const notes = [...shown, ...(more > 0 ? [l10n.t('And {0} more.', more)] : [])];
  return [...understood, ...(notes.length > 0 ? ['', l10n.t('Please note:'), ...notes] : [])];
}

/** Describes the other settings of an entry, which decide how cautious the connection is. */
function otherSettings(pasted: PastedConnection): string {
  const { transport, separator, root, hidden, metricsUrl, readOnly, production, confirmSave, languageModelTools } =
    pasted;
  const cautions = { readOnly, production, confirmSave, languageModelTools };
  const settings = Object.entries({ transport, separator, root, hidden, metricsUrl, ...cautions });
  return settings
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${JSON.stringify(value)}`))
    .join(', ');
}

function seconds(count: number | undefined): string | undefined {
  if (count === undefined) return undefined;
  return count === 1 ? l10n.t('1 second') : l10n.t('{0} seconds', count);
}
