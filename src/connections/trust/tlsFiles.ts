import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../etcd/errors.ts';
import { clientArchive, clientCertificate, type NamedContent } from '../../etcd/http/clientCertificate.ts';
import { readCertificates } from '../../etcd/http/pem.ts';
import type { ClientCertificate, TlsIdentity } from '../../etcd/http/tlsIdentity.ts';
import { readRegularFile } from '../../etcd/regularFile.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import type { ConnectionSettings } from '../settings/connectionProfile.ts';
import { resolvePath } from './tlsPaths.ts';

/** Limit of a certificate file, so that a device or a log file named by mistake is not read whole. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads and checks the certificates, keys and pins of a connection. Pins alone decide, whatever authority signed the
 * certificate, because the user pins a certificate that `caFile` has just refused.
 * @param workspaceFolder base of relative paths, and the value of `${workspaceFolder}`
 * @param passphrase of the client's key
 * @throws EtcdError `badCertificate`, `configuration`, `passphraseNeeded`
 */
export async function readTlsIdentity(
  settings: ConnectionSettings,
  workspaceFolder: string | undefined,
  passphrase?: string,
): Promise<TlsIdentity> {
  const { serverName, pinnedSha256 } = settings;
  const certificateAuthorities = await readAuthorities(settings, workspaceFolder);
  const client = await readClient(settings, workspaceFolder, passphrase);
  return {
    ...(certificateAuthorities && !pinnedSha256 && { certificateAuthorities }),
    ...(serverName !== undefined && { serverName }),
    ...(pinnedSha256 && { pins: pinnedSha256.map(readPin) }),
    ...(client && { client }),
  };
}

/**
 * Reads a pin in the forms that tools print: hex with or without colons, `sha256/` and base64.
 * @throws EtcdError `configuration`
 */
export function readPin(written: string): string {
  const text = written.trim();
  const hex = text
    .replace(/^sha-?256[:/=\s]+(fingerprint=)?/i, '')
    .replaceAll(/[:\s]/g, '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  // Base64 may itself begin with a slash.
  const [, base64] = /^(?:sha-?256(?:\/\/|[:/=])\s*)?([a-z0-9+/]{43}=)$/i.exec(text) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('hex');
  throw new EtcdError(
    'configuration',
    l10n.t(
      '"{0}" in "pinnedSha256" is not a SHA-256 hash: it has 64 hexadecimal digits, or 44 characters of base64.',
      written,
    ),
  );
}

async function readAuthorities(
  { ca, caFile }: ConnectionSettings,
  workspaceFolder: string | undefined,
): Promise<string[] | undefined> {
  if (ca !== undefined) return readCertificates(ca, l10n.t('the setting "ca"')).map(String);
  if (caFile === undefined) return undefined;
  const { name, content } = await readNamed(caFile, workspaceFolder);
  return readCertificates(content, name).map(String);
}

async function readClient(
  { certFile, keyFile, pfxFile }: ConnectionSettings,
  workspaceFolder: string | undefined,
  passphrase: string | undefined,
): Promise<ClientCertificate | undefined> {
  if (pfxFile !== undefined) return clientArchive(await readNamed(pfxFile, workspaceFolder), passphrase);
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new EtcdError('configuration', l10n.t('A client certificate needs both "certFile" and "keyFile".'));
  return clientCertificate(
    await readNamed(certFile, workspaceFolder),
    await readNamed(keyFile, workspaceFolder),
    passphrase,
  );
}

async function readNamed(written: string, workspaceFolder: string | undefined): Promise<NamedContent> {
  const name = resolvePath(written, workspaceFolder);
  try {
    return { name, content: await readRegularFile(name, MAX_BYTES) };
  } catch (cause) {
    if (EtcdError.is(cause))
      throw new EtcdError('badCertificate', l10n.t('{0} is not a certificate file.', name), { cause });
    throw new EtcdError(
      'badCertificate',
      l10n.t('The certificate file {0} cannot be read ({1}).', name, String(unknownFields(cause)['code'])),
      { cause },
    );
  }
}
