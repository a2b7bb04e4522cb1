import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { t } from '@vscode/l10n';
import { EtcdError } from '../etcd/errors.ts';
import { readCertificates } from '../etcd/http/pem.ts';
import type { TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import { unknownFields } from '../etcd/unknownFields.ts';
import type { ConnectionSettings } from './connectionProfile.ts';

/** No certificate file is larger; a device or a log file named by mistake is not read whole. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads and checks the certificates that a connection names.
 * @param workspaceFolder what a relative `caFile` and `${workspaceFolder}` stand for
 * @throws EtcdError `badCertificate`, `configuration`
 */
export async function readTlsIdentity(
  { ca, caFile, serverName }: ConnectionSettings,
  workspaceFolder: string | undefined,
): Promise<TlsIdentity> {
  const certificates =
    caFile !== undefined
      ? await readCertificateFile(caFile, workspaceFolder)
      : ca !== undefined
        ? readCertificates(ca, t('the setting "ca"'))
        : undefined;
  return {
    ...(certificates && { certificateAuthorities: certificates.map(String) }),
    ...(serverName !== undefined && { serverName }),
  };
}

async function readCertificateFile(written: string, workspaceFolder: string | undefined) {
  const path = resolvePath(written, workspaceFolder);
  return readCertificates(await readSmallFile(path), path);
}

/** Replaces `~`, `${workspaceFolder}` and `${env:NAME}`, and takes a relative path from the workspace folder. */
export function resolvePath(written: string, workspaceFolder: string | undefined): string {
  const expanded = written
    .replace(/^~(?=$|[/\\])/, homedir())
    .replaceAll(/\$\{env:([^}]+)\}/g, (_, name: string) => process.env[name] ?? '')
    .replaceAll('${workspaceFolder}', () => requireFolder(written, workspaceFolder));
  return isAbsolute(expanded) ? expanded : join(requireFolder(written, workspaceFolder), expanded);
}

function requireFolder(written: string, workspaceFolder: string | undefined): string {
  if (workspaceFolder !== undefined) return workspaceFolder;
  throw new EtcdError(
    'configuration',
    t('No folder is open that the path {0} could start from. Write it as a full path.', written),
  );
}

async function readSmallFile(path: string): Promise<Buffer> {
  try {
    const stats = await stat(path);
    if (stats.isFile() && stats.size <= MAX_BYTES) return await readFile(path);
  } catch (cause) {
    throw new EtcdError(
      'badCertificate',
      t('The certificate file {0} cannot be read ({1}).', path, String(unknownFields(cause)['code'])),
      { cause },
    );
  }
  throw new EtcdError('badCertificate', t('{0} is not a certificate file.', path));
}
