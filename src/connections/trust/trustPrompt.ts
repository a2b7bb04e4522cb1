import type { X509Certificate } from 'node:crypto';
import { l10n, Uri, workspace } from 'vscode';
import { writeFile } from '../../ui/localFile.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { readCertificates } from '../../etcd/http/pem.ts';
import { certificatePins } from '../../etcd/http/certificatePins.ts';
import { portablePath, workspaceFolder } from '../settings/workspaceFolder.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import type { ConnectionEntries } from '../settings/connectionSettings.ts';
import type { Trust } from '../signIn.ts';
import { readPin, readTlsIdentity } from './tlsFiles.ts';
import { name as short } from '../../ui/text/literal.ts';
import { window } from '../../ui/text/window.ts';

/** Proposed name for a saved certificate. */
const CERTIFICATE_FILE = 'servercert.crt';

/**
 * After a failure caused by a certificate, shows the server's certificate beside what was trusted so far, and pins it
 * in the connection's settings if the user trusts it. The changed settings open the connection again.
 */
export async function offerTrust(
  entries: ConnectionEntries,
  profile: ConnectionProfile,
  error: unknown,
  keepCredentials: (trust: Trust) => Promise<void>,
): Promise<void> {
  if (!EtcdError.is(error, 'unknownAuthority', 'pinMismatch', 'wrongHostName') || !error.rejected) return;
  const { settings } = profile;
  const { endpoint, shown } = error.rejected;
  const [leaf] = shown;
  const trustButton = l10n.t('Trust This Certificate');
  const saveButton = l10n.t('Save It as a File…');
  const { host, hostname } = new URL(endpoint);
  const isForAnotherName = error.kind === 'wrongHostName';
  const trusted = isForAnotherName ? [] : await trustedSoFar(profile);
  // A saved file would replace what is trusted already, and does not help if the certificate is for another name.
  const maySave = leaf.checkIssued(leaf) && trusted.length === 0 && !isForAnotherName;
  const buttons = maySave ? [trustButton, saveButton] : [trustButton];
  const detail = [
    l10n.t('The server shows:'),
    ...describe(leaf),
    ...(trusted.length > 0 ? ['', l10n.t('Trusted until now:'), ...trusted] : []),
    '',
    trusted.length > 0
      ? l10n.t(
          'Trust the new one only if you know that it was renewed: otherwise someone may be intercepting the connection.',
        )
      : l10n.t("Compare the fingerprint with the server's. Only this exact certificate will be trusted."),
  ];
  const question = isForAnotherName
    ? l10n.t(
        'The certificate of {0} is not for {1}. Trust it for {2} anyway?',
        host,
        short(settings.serverName ?? hostname),
        short(settings.name),
      )
    : trusted.length > 0
      ? l10n.t('{0} presents a different certificate than the one that {1} trusts.', host, short(settings.name))
      : l10n.t('Trust the certificate of {0} for {1}?', host, short(settings.name));
  const chosen = await window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  if (chosen === trustButton) {
    const [pin] = certificatePins(leaf);
    await keepCredentials({ pins: [...(settings.pinnedSha256 ?? []).map(readPin), pin] });
    await entries.pin(profile, pin);
  }
  if (chosen === saveButton) {
    const caFile = await saveCertificate(leaf, profile);
    if (caFile === undefined) return;
    await keepCredentials({ certificateAuthorities: [leaf.toString()] });
    await entries.update(profile, { ...settings, caFile });
  }
}

/** Describes what the settings trust, in lines. */
async function trustedSoFar(profile: ConnectionProfile): Promise<string[]> {
  const { ca, caFile, pinnedSha256 = [] } = profile.settings;
  const pins = pinnedSha256.map((pin) => l10n.t('SHA-256 {0}', pin));
  if (ca === undefined && caFile === undefined) return pins;
  const file = {
    name: '',
    endpoints: [],
    ...(ca === undefined ? {} : { ca }),
    ...(caFile === undefined ? {} : { caFile }),
  };
  const { certificateAuthorities = [] } = await readTlsIdentity(file, workspaceFolder(profile));
  return [...pins, ...certificateAuthorities.flatMap((pem) => readCertificates(pem, '')).flatMap(describe)];
}

function describe(certificate: X509Certificate): string[] {
  const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = certificate;
  const oneLine = (name: string) => name.replaceAll('\n', ', ');
  return [
    l10n.t('Subject: {0}', oneLine(subject)),
    ...(issuer === subject ? [] : [l10n.t('Issuer: {0}', oneLine(issuer))]),
    l10n.t('Names: {0}', subjectAltName ?? l10n.t('none')),
    l10n.t('Valid: {0} to {1}', new Date(validFrom).toLocaleDateString(), new Date(validTo).toLocaleDateString()),
    l10n.t('SHA-256: {0}', fingerprint256),
  ];
}

/** @returns the path of the saved file for the settings */
async function saveCertificate(certificate: X509Certificate, profile: ConnectionProfile): Promise<string | undefined> {
  const folder = profile.folder ? Uri.parse(profile.folder.uri) : workspace.workspaceFolders?.[0]?.uri;
  const proposed = folder && Uri.joinPath(folder, CERTIFICATE_FILE);
  const target = await window.showSaveDialog({
    title: l10n.t('Save the Certificate'),
    ...(proposed && { defaultUri: proposed }),
  });
  if (!target) return undefined;
  await writeFile(target, Buffer.from(certificate.toString()));
  return portablePath(target.fsPath, profile);
}
