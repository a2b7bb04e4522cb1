import { EtcdError } from '../../etcd/errors.ts';
import type { TlsIdentity } from '../../etcd/http/tlsIdentity.ts';
import { askPassphrase } from '../../ui/credentialPrompt.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import { workspaceFolder } from '../settings/workspaceFolder.ts';
import { askToRead, type OpenMode } from './consentQuestions.ts';
import type { Consents } from './consents.ts';
import type { CredentialStore } from './credentialStore.ts';
import { declined } from './declined.ts';

/**
 * Reads the certificates of a connection once its files may be read; asks for the passphrase of the client's key if
 * that is needed and not stored.
 * @throws EtcdError `configuration`, `badCertificate`, `passphraseNeeded`; `cancelled` if the user declines
 */
export async function allowedIdentity(
  { consents, credentials }: { readonly consents: Consents; readonly credentials: CredentialStore },
  profile: ConnectionProfile,
  origins: readonly string[],
  mode: OpenMode,
): Promise<TlsIdentity> {
  await askToRead(consents, { profile, origins }, mode);
  const { readTlsIdentity } = await import('./tlsFiles.ts');
  let passphrase = await credentials.passphrase(profile, origins);
  for (let asked = false; ; asked = true) {
    try {
      const identity = await readTlsIdentity(profile.settings, workspaceFolder(profile), passphrase);
      if (asked && passphrase !== undefined) await credentials.setPassphrase(profile, origins, passphrase);
      return identity;
    } catch (error) {
      if (!EtcdError.is(error, 'passphraseNeeded') || mode === 'background') throw error;
      passphrase = await askPassphrase(profile.settings.name, error.message);
      if (passphrase === undefined) throw declined(error);
    }
  }
}
