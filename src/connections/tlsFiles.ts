import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../etcd/errors.ts';
import { clientArchive, clientCertificate, type NamedContent } from '../etcd/http/clientCertificate.ts';
import { readCertificates } from '../etcd/http/pem.ts';
import type { ClientCertificate, TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import { unknownFields } from '../etcd/unknownFields.ts';
import type { ConnectionSettings } from './connectionProfile.ts';

/** No certificate file is larger; a device or a log file named by mistake is not read whole. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads and checks the certificates, keys and pins that a connection names.
 * @param workspaceFolder what a relative path and `${workspaceFolder}` stand for
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
    ...(certificateAuthorities && { certificateAuthorities }),
    ...(serverName !== undefined && { serverName }),
    ...(pinnedSha256 && { pins: pinnedSha256.map(readPin) }),
    ...(client && { client }),
  };
}

/** Full paths of the files that `readTlsIdentity` reads. */
export function tlsFiles(settings: ConnectionSettings, workspaceFolder: string | undefined): string[] {
  const { ca, caFile, certFile, keyFile, pfxFile } = settings;
  return [ca === undefined ? caFile : undefined, certFile, keyFile, pfxFile].flatMap((file) =>
    file === undefined ? [] : [resolvePath(file, workspaceFolder)],
  );
}

/** Replaces `~`, `${workspaceFolder}` and `${env:NAME}`, and takes a relative path from the workspace folder. */
export function resolvePath(written: string, workspaceFolder: string | undefined): string {
  const expanded = written
    .replace(/^~(?=$|[/\\])/, homedir())
    .replaceAll(/\$\{env:([^}]+)\}/g, (_, name: string) => process.env[name] ?? '')
    .replaceAll('${workspaceFolder}', () => requireFolder(written, workspaceFolder));
  return isAbsolute(expanded) ? expanded : join(requireFolder(written, workspaceFolder), expanded);
}

/**
 * A pin in the forms that tools print: hex with or without colons, `sha256/` and base64.
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

function requireFolder(written: string, workspaceFolder: string | undefined): string {
  if (workspaceFolder !== undefined) return workspaceFolder;
  throw new EtcdError(
    'configuration',
    l10n.t('No folder is open that the path {0} could start from. Write it as a full path.', written),
  );
}

async function readNamed(written: string, workspaceFolder: string | undefined): Promise<NamedContent> {
  const name = resolvePath(written, workspaceFolder);
  try {
    const stats = await stat(name);
    if (stats.isFile() && stats.size <= MAX_BYTES) return { name, content: await readFile(name) };
  } catch (cause) {
    throw new EtcdError(
      'badCertificate',
      l10n.t('The certificate file {0} cannot be read ({1}).', name, String(unknownFields(cause)['code'])),
      { cause },
    );
  }
  throw new EtcdError('badCertificate', l10n.t('{0} is not a certificate file.', name));
}
