import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { ProcessTunnel } from '../../etcd/tunnel/processTunnel.ts';
import { tunnelCommand, tunnelEnds } from '../../etcd/tunnel/tunnelCommand.ts';
import { readTunnel, type TunnelSettings } from '../../etcd/tunnel/tunnelSettings.ts';
import { shellWord } from '../formats/write/quoting.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import { endpointOrigin, metricsOrigins } from '../settings/origins.ts';
import { workspaceFolder } from '../settings/workspaceFolder.ts';
import { resolvePath } from './tlsPaths.ts';

// See docs/contributing/decisions/tunnels.md

/**
 * Reads the tunnel of a connection, with the full path of its kubeconfig.
 * @returns undefined if it has none
 * @throws EtcdError `configuration` that says what is wrong with it
 */
export function readConnectionTunnel(profile: ConnectionProfile): TunnelSettings | undefined {
  const { tunnel, name } = profile.settings;
  if (tunnel === undefined) return undefined;
  const settings = readTunnel(tunnel);
  tunnelEnds(settings, origins(profile));
  if ('ssh' in settings || settings.kubectl.kubeconfig === undefined) return settings;
  if (profile.source === 'workspace')
    throw new EtcdError(
      'configuration',
      l10n.t(
        'The tunnel of {0} names a kubeconfig, which can run programs, so only your user settings may name one. Leave it out, or move the connection there.',
        name,
      ),
    );
  const kubeconfig = resolvePath(settings.kubectl.kubeconfig, workspaceFolder(profile));
  return { kubectl: { ...settings.kubectl, kubeconfig } };
}

/** Returns the command line that a connection's tunnel runs, for the user to read; undefined without a tunnel. */
export function tunnelCommandLine(profile: ConnectionProfile): string | undefined {
  const settings = readConnectionTunnel(profile);
  if (!settings) return undefined;
  const ends = tunnelEnds(settings, origins(profile));
  const { program, args } = tunnelCommand(
    settings,
    ends,
    ends.map(() => 'PORT'),
  );
  return [program, ...args].map(shellWord).join(' ');
}

/** Creates the tunnel of a connection, which starts when it is first used. */
export function tunnelFor(profile: ConnectionProfile, guard: string): ProcessTunnel | undefined {
  const settings = readConnectionTunnel(profile);
  return settings && new ProcessTunnel(settings, origins(profile), guard);
}

/** Returns what the settings name: the endpoints, and where metrics are read. */
function origins({ settings }: ConnectionProfile): string[] {
  return [...settings.endpoints.map(endpointOrigin), ...metricsOrigins(settings)];
}
