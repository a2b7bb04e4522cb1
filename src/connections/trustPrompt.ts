import type { X509Certificate } from 'node:crypto';
import { l10n, Uri, window, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { readCertificates } from '../etcd/http/pem.ts';
import { serverCertificates } from '../etcd/http/serverCertificate.ts';
import { certificatePins } from '../etcd/http/tlsIdentity.ts';
import { endpointOrigin, timeLimits, type ConnectionProfile, type ConnectionSettings } from './connectionProfile.ts';
import { updateConnectionSettings } from './connectionSettings.ts';
import { readTlsIdentity } from './tlsFiles.ts';

/** The file that a certificate is proposed to be saved as. */
const CERTIFICATE_FILE = 'servercert.crt';

/**
 * After a failure that a certificate caused: shows the certificate that the server has, beside the one that was trusted so
 * far, and puts it into the connection's settings if the user trusts it. The changed settings make the connection anew.
 */
export async function offerTrust(profile: ConnectionProfile, error: unknown): Promise<void> {
  if (!EtcdError.is(error, 'unknownAuthority', 'pinMismatch', 'wrongHostName')) return;
  const { settings } = profile;
  const origin = settings.endpoints.map(endpointOrigin).find((each) => each.startsWith('https:'));
  if (origin === undefined) return;
  const shown = await serverCertificates(new URL(origin), settings.serverName, timeLimits(settings).connect);
  if (!shown) return;
  const [leaf] = shown;
  const trustButton = l10n.t('Trust This Certificate');
  const saveButton = l10n.t('Save It as a File…');
  const buttons = leaf.checkIssued(leaf) ? [trustButton, saveButton] : [trustButton];
  const { host } = new URL(origin);
  const trusted = await trustedSoFar(settings);
  const question =
    trusted.length > 0
      ? l10n.t('{0} shows another certificate than the one that {1} trusts.', host, settings.name)
      : l10n.t('Trust the certificate of {0} for {1}?', host, settings.name);
  const detail = [
    l10n.t('The server shows:'),
    ...describe(leaf),
    ...(trusted.length > 0 ? ['', l10n.t('Trusted so far:'), ...trusted] : []),
    '',
    trusted.length > 0
      ? l10n.t('Trust the new one only if you know that it was renewed: otherwise somebody may listen in between.')
      : l10n.t(
          'Compare the fingerprint with the one that you know from the server. Only this very certificate is trusted then.',
        ),
  ].join('\n');
  const chosen = await window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  const { ca: _, caFile: __, pinnedSha256: ___, ...others } = settings;
  if (chosen === trustButton)
    await updateConnectionSettings(profile, { ...others, pinnedSha256: [certificatePins(leaf)[0]] });
  if (chosen === saveButton) {
    const caFile = await saveCertificate(leaf, profile);
    if (caFile !== undefined) await updateConnectionSettings(profile, { ...others, caFile });
  }
}

/** What the settings name as trusted, in lines to read. */
async function trustedSoFar({ ca, caFile, pinnedSha256 = [] }: ConnectionSettings): Promise<string[]> {
  const pins = pinnedSha256.map((pin) => l10n.t('SHA-256 {0}', pin));
  if (ca === undefined && caFile === undefined) return pins;
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const file = {
    name: '',
    endpoints: [],
    ...(ca === undefined ? {} : { ca }),
    ...(caFile === undefined ? {} : { caFile }),
  };
  const { certificateAuthorities = [] } = await readTlsIdentity(file, folder);
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

/** @returns how the settings name the saved file */
async function saveCertificate(
  certificate: X509Certificate,
  { source }: ConnectionProfile,
): Promise<string | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const proposed = folder && Uri.joinPath(folder, CERTIFICATE_FILE);
  const target = await window.showSaveDialog({
    title: l10n.t('Save the Certificate'),
    ...(proposed && { defaultUri: proposed }),
  });
  if (!target) return undefined;
  await workspace.fs.writeFile(target, Buffer.from(certificate.toString()));
  return source === 'workspace' ? workspace.asRelativePath(target, false) : target.fsPath;
}
