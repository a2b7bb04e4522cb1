import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { portOf } from '../http/dialing.ts';
import type { KubectlTunnel, TunnelSettings } from './tunnelSettings.ts';

// See docs/contributing/decisions/tunnels.md

/** A program and its arguments, which no shell sees. */
export interface TunnelCommand {
  readonly program: 'ssh' | 'kubectl';
  readonly args: readonly string[];
}

const SSH_OPTIONS = [
  // Never asks, because nobody could answer; and never talks to a host whose key is not known.
  ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ExitOnForwardFailure=yes'],
  // Notices a bastion that disappears silently.
  ...['ServerAliveInterval=15', 'ConnectTimeout=15'],
];
/** Limit of what one process forwards. */
const MAX_FORWARDS = 32;

/** Returns the ends of a tunnel to these endpoints, each once: `host:port` for ssh, a port for kubectl. */
export function tunnelEnds(settings: TunnelSettings, origins: readonly string[]): string[] {
  const ends = [...new Set(origins.map((origin) => tunnelEnd(settings, origin)))];
  if (ends.length <= MAX_FORWARDS) return ends;
  throw new EtcdError('configuration', l10n.t('A tunnel leads to at most {0} addresses.', MAX_FORWARDS), {
    notCarriedOut: true,
  });
}

/** Returns the end of a tunnel to an endpoint. */
export function tunnelEnd(settings: TunnelSettings, origin: string): string {
  const url = new URL(origin);
  return 'ssh' in settings ? `${url.hostname}:${portOf(url)}` : String(portOf(url));
}

/**
 * Returns the command of a tunnel.
 * @param ports of this machine for the ends, which only ssh needs to know; or names that stand for them
 */
export function tunnelCommand(
  settings: TunnelSettings,
  ends: readonly string[],
  ports: readonly (number | string)[],
): TunnelCommand {
  if ('kubectl' in settings) return kubectlCommand(settings.kubectl, ends);
  // `-v` tells when the forwards are ready. `-S none` keeps them out of a connection that others share.
  const options = ['-v', '-N', '-S', 'none', ...SSH_OPTIONS.flatMap((option) => ['-o', option])];
  const forwards = ends.flatMap((end, index) => ['-L', `127.0.0.1:${ports[index] ?? ''}:${end}`]);
  return { program: 'ssh', args: [...options, ...forwards, '--', settings.ssh] };
}

function kubectlCommand(
  { context, namespace, pod, service, kubeconfig }: KubectlTunnel,
  ends: readonly string[],
): TunnelCommand {
  const target = pod === undefined ? `service/${service ?? ''}` : `pod/${pod}`;
  return {
    program: 'kubectl',
    args: [
      ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
      ...[`--context=${context}`, `--namespace=${namespace}`, 'port-forward', '--address=127.0.0.1'],
      ...['--', target, ...ends.map((end) => `:${end}`)],
    ],
  };
}

/** Returns a short name of a tunnel, such as `ssh me@bastion`. */
export function tunnelName(settings: TunnelSettings): string {
  if ('ssh' in settings) return `ssh ${settings.ssh}`;
  const { context, namespace, pod, service } = settings.kubectl;
  return `kubectl ${context}/${namespace}/${pod ?? service ?? ''}`;
}
