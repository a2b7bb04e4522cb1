import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../etcd/errors.ts';
import type { ConnectionSettings } from '../settings/connectionProfile.ts';

/** Limit of a path in characters, above that of any system. */
const MAX_PATH_CHARACTERS = 4096;

/** Returns the full paths of the files that `readTlsIdentity` in `tlsFiles.ts` reads. */
export function tlsFiles(settings: ConnectionSettings, workspaceFolder: string | undefined): string[] {
  const { ca, caFile, certFile, keyFile, pfxFile } = settings;
  return [ca === undefined ? caFile : undefined, certFile, keyFile, pfxFile].flatMap((file) =>
    file === undefined ? [] : [resolvePath(file, workspaceFolder)],
  );
}

/**
 * Replaces `~`, `${workspaceFolder}` and `${env:NAME}`, and resolves a relative path from the workspace folder.
 * @throws EtcdError `configuration`
 */
export function resolvePath(written: string, workspaceFolder: string | undefined): string {
  if (written.length > MAX_PATH_CHARACTERS)
    throw new EtcdError('configuration', l10n.t('The path {0}… is too long.', written.slice(0, 100)));
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
    l10n.t('No folder is open that the path {0} could start from. Write it as a full path.', written),
  );
}
