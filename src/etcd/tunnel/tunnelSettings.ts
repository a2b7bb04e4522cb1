import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { unknownFields } from '../unknownFields.ts';

// See docs/contributing/decisions/tunnels.md

/** The pod or service to which `kubectl port-forward` leads. */
export interface KubectlTunnel {
  readonly context: string;
  readonly namespace: string;
  readonly pod?: string;
  readonly service?: string;
  readonly kubeconfig?: string;
}

/** The `tunnel` of a connection, checked by `readTunnel`. */
export type TunnelSettings = { readonly ssh: string } | { readonly kubectl: KubectlTunnel };

const KUBECTL_FIELDS = new Set(['context', 'namespace', 'pod', 'service', 'kubeconfig']);
/** Limit of a value in characters; names of hosts and of Kubernetes objects have at most 253. */
const MAX_CHARACTERS = 253;
const MAX_PATH_CHARACTERS = 4096;

/**
 * A destination of ssh: a host or an alias of its configuration, with a user, or as `ssh://user@host:port`. Commands in
 * that configuration may pass it to a shell, so it has only characters without a meaning there.
 */
const DESTINATION = /^(?:ssh:\/\/)?(?:\w[\w.@+-]*@)?(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** Names of Kubernetes objects. */
const OBJECT = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * Reads the `tunnel` of a connection.
 * @throws EtcdError `configuration` that says what is wrong with it
 */
export function readTunnel(value: unknown): TunnelSettings {
  const { ssh, kubectl, ...others } = unknownFields(value);
  if (Object.keys(others).length > 0 || (ssh === undefined) === (kubectl === undefined))
    throw wrong(l10n.t('"tunnel" must be an object with either "ssh" or "kubectl".'));
  return ssh === undefined ? { kubectl: readKubectl(kubectl) } : { ssh: readDestination(ssh) };
}

/** Checks a destination of ssh. @throws EtcdError `configuration` */
export function readDestination(value: unknown): string {
  const text = readText('ssh', value, MAX_CHARACTERS);
  const hasPort = /[\w\]]:\d+$/.test(text) && !text.startsWith('ssh://');
  if (!DESTINATION.test(text) || hasPort)
    throw wrong(
      l10n.t(
        '"ssh" of the tunnel must be a host, user@host or ssh://user@host:port, of letters, digits, dots and hyphens.',
      ),
    );
  return text;
}

function readKubectl(value: unknown): KubectlTunnel {
  const { context, namespace, pod, service, kubeconfig, ...others } = unknownFields(value);
  const [unknown] = Object.keys(others);
  if (typeof value !== 'object' || unknown !== undefined)
    throw wrong(l10n.t('"kubectl" of the tunnel is an object with only: {0}.', [...KUBECTL_FIELDS].join(', ')));
  if ((pod === undefined) === (service === undefined))
    throw wrong(l10n.t('"kubectl" of the tunnel needs either "pod" or "service".'));
  return {
    context: readText('context', context, MAX_CHARACTERS),
    namespace: readObject('namespace', namespace),
    ...(pod !== undefined && { pod: readObject('pod', pod) }),
    ...(service !== undefined && { service: readObject('service', service) }),
    ...(kubeconfig !== undefined && { kubeconfig: readText('kubeconfig', kubeconfig, MAX_PATH_CHARACTERS) }),
  };
}

function readObject(name: string, value: unknown): string {
  const text = readText(name, value, MAX_CHARACTERS);
  if (OBJECT.test(text)) return text;
  throw wrong(l10n.t('"{0}" of the tunnel must be the name of a Kubernetes object, such as etcd-0.', name));
}

/** Refuses what a program could take for an option, or what cannot be shown on one line. */
function readText(name: string, value: unknown, limit: number): string {
  if (typeof value !== 'string' || value === '')
    throw wrong(l10n.t('"{0}" of the tunnel is missing: it must be a text.', name));
  if (value.length > limit) throw wrong(l10n.t('"{0}" of the tunnel is too long.', name));
  if (value.startsWith('-'))
    throw wrong(l10n.t('"{0}" of the tunnel begins with a hyphen, as options of programs do.', name));
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value) || value.trim() !== value)
    throw wrong(l10n.t('"{0}" of the tunnel has a control character, or a space at an end.', name));
  return value;
}

function wrong(message: string): EtcdError {
  return new EtcdError('configuration', message, { notCarriedOut: true });
}
