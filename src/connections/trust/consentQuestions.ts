import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { confirm } from '../../ui/confirm.ts';
import { literal, name as short } from '../../ui/text/literal.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import { metricsOrigins } from '../settings/origins.ts';
import type { Consents } from './consents.ts';
import type { CredentialScope } from './credentialStore.ts';
import { declined } from './declined.ts';

/** Whether the user may be asked for consent and a password; documents and other extensions never cause a question. */
export type OpenMode = 'interactive' | 'background';

/**
 * Asks whether the workspace's connection may be contacted, unless that was allowed. This comes before its files are
 * read, because the workspace could name any file.
 * @throws EtcdError `cancelled` if the user declines, `configuration` if the user may not be asked
 */
export async function askToRead(
  consents: Consents,
  { profile, origins }: Omit<CredentialScope, 'identity'>,
  mode: OpenMode,
): Promise<void> {
  if (consents.mayReadFiles(profile, origins)) return;
  await ask(profile, origins, mode);
  await consents.allowFiles(profile, origins);
}

/**
 * Asks whether the workspace's connection may be contacted, unless that was allowed.
 * @throws EtcdError `cancelled` if the user declines, `configuration` if the user may not be asked
 */
export async function askToContact(
  consents: Consents,
  { profile, origins, identity }: CredentialScope,
  mode: OpenMode,
): Promise<void> {
  if (consents.mayContact(profile, origins, identity)) return;
  if (!consents.takeAnswer(profile, origins)) await ask(profile, origins, mode);
  await consents.allowContact(profile, origins, identity);
}

async function ask(profile: ConnectionProfile, origins: readonly string[], mode: OpenMode): Promise<void> {
  const { settings } = profile;
  const { name, caFile, certFile, keyFile, pfxFile } = settings;
  const metrics = metricsOrigins(settings);
  const shown = [certFile, keyFile, pfxFile].filter((file) => file !== undefined);
  const detail = [
    // The addresses come first and on lines of their own, so that the connection's name cannot imitate them.
    l10n.t('It is defined in the workspace settings and would contact:'),
    ...bounded(origins),
    ...(metrics.length > 0 ? [l10n.t('It would read the metrics of etcd from:'), ...bounded(metrics)] : []),
    ...(settings.tunnel === undefined ? [] : await tunnelLines(profile)),
    l10n.t('Name of the connection: {0}', short(name)),
    ...(caFile === undefined ? [] : [l10n.t('It trusts the certificates in a file:'), ...bounded([caFile])]),
    ...(shown.length > 0 ? [l10n.t('It shows the server a client certificate:'), ...bounded(shown)] : []),
  ];
  const question = l10n.t('Allow this workspace to connect to etcd?');
  const refused = new EtcdError(
    'configuration',
    l10n.t('Not connected: this workspace defines the connection {0}, and you have not allowed it yet.', short(name)),
  );
  if (mode === 'background') throw refused;
  if (!(await confirm(question, detail, l10n.t('Connect')))) throw declined(refused);
}

/**
 * Asks whether a password may go to these origins in plain text, unless that was allowed or they are on this machine.
 * @throws EtcdError `cancelled` if the user declines, `configuration` if the user may not be asked
 */
export async function askToSendPlain(consents: Consents, origins: readonly string[], mode: OpenMode): Promise<void> {
  const plain = consents.plainOriginsToAsk(origins);
  if (plain.length === 0) return;
  const question = l10n.t('Send the password without encryption?');
  const detail = [
    l10n.t('These use plain http: anyone on the way can read the user, the password and the keys.'),
    ...bounded(plain),
  ];
  const refused = new EtcdError(
    'configuration',
    l10n.t('Not connected: the password would travel to {0} in plain text. Use https, or allow it.', plain.join(', ')),
  );
  if (mode === 'background') throw refused;
  if (!(await confirm(question, detail, l10n.t('Send in Plain Text')))) throw declined(refused);
  await consents.allowPlain(plain);
}

/** Shows the whole command of a tunnel, which nothing that is cut off could hide in. */
async function tunnelLines(profile: ConnectionProfile): Promise<string[]> {
  const { tunnelCommandLine } = await import('./connectionTunnel.ts');
  return [
    l10n.t('It would run this command on this machine, with a free port in place of PORT:'),
    tunnelCommandLine(profile) ?? '',
  ];
}

const MAX_SHOWN = 20;

/** Shortens lines, so that the rest of the question stays visible. */
function bounded(texts: readonly string[]): string[] {
  const more = texts.length - MAX_SHOWN;
  return [
    ...texts.slice(0, MAX_SHOWN).map((text) => literal(text, 200)),
    ...(more > 0 ? [l10n.t('and {0} more', more.toLocaleString())] : []),
  ];
}
