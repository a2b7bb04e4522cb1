import { l10n } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { confirm } from '../ui/confirm.ts';
import type { Consents } from './consents.ts';
import type { CredentialScope } from './credentialStore.ts';

/** Whether the user may be asked for consent and a password; documents and other extensions never cause a question. */
export type OpenMode = 'interactive' | 'background';

/**
 * Asks whether the workspace's connection may be contacted, unless that was allowed.
 * @throws EtcdError `configuration` where it is not, or may not be asked
 */
export async function askToContact(
  consents: Consents,
  { profile, origins, identity }: CredentialScope,
  name: string,
  mode: OpenMode,
): Promise<void> {
  if (consents.mayContact(profile, origins, identity)) return;
  const { certFile, keyFile, pfxFile } = profile.settings;
  const shown = [certFile, keyFile, pfxFile].filter((file) => file !== undefined);
  const detail = [
    l10n.t('The settings of the workspace define the connection "{0}" to {1}.', name, origins.join(', ')),
    ...(shown.length > 0 ? [l10n.t('It shows the server a client certificate: {0}.', shown.join(', '))] : []),
  ].join('\n');
  const question = l10n.t('Connect to the etcd that this workspace names?');
  if (mode === 'background' || !(await confirm(question, detail, l10n.t('Connect'))))
    throw new EtcdError(
      'configuration',
      l10n.t('Not connected: this workspace defines the connection {0}, and you have not allowed it yet.', name),
    );
  await consents.allowContact(profile, origins, identity);
}

/**
 * Asks whether a password may go to these origins in plain text, unless that was allowed or they are this machine.
 * @throws EtcdError `configuration` where it may not, or may not be asked
 */
export async function askToSendPlain(consents: Consents, origins: readonly string[], mode: OpenMode): Promise<void> {
  const plain = consents.plainOriginsToAsk(origins);
  if (plain.length === 0) return;
  const question = l10n.t('Send the password without encryption?');
  const detail = l10n.t(
    '{0} speaks plain http: everybody on the way can read the user, the password and the keys.',
    plain.join(', '),
  );
  if (mode === 'background' || !(await confirm(question, detail, l10n.t('Send in Plain Text'))))
    throw new EtcdError(
      'configuration',
      l10n.t(
        'Not connected: the password would travel to {0} in plain text. Use https, or allow it.',
        plain.join(', '),
      ),
    );
  await consents.allowPlain(plain);
}
