import { l10n } from 'vscode';
import type { ConnectionSettings } from '../../connections/settings/connectionProfile.ts';
import { tunnelName } from '../../etcd/tunnel/tunnelCommand.ts';
import { readTunnel, type TunnelSettings } from '../../etcd/tunnel/tunnelSettings.ts';
import { choiceStep, runSteps, textStep, type Step } from '../../ui/inputSteps.ts';
import { name as short } from '../../ui/text/literal.ts';
import { problemOf } from './connectionForm.ts';

type Kind = 'none' | 'ssh' | 'kubectl';

/** Names the tunnel of a connection, or says what is wrong with it. */
export function tunnelText({ tunnel }: ConnectionSettings): string {
  if (tunnel === undefined) return l10n.t('none');
  return problemOf(() => readTunnel(tunnel)) ?? short(tunnelName(readTunnel(tunnel)));
}

/** Asks for the tunnel of a connection. @returns undefined if the user cancels */
export async function askTunnel(settings: ConnectionSettings): Promise<ConnectionSettings | undefined> {
  const { tunnel: present, ...others } = settings;
  const before = problemOf(() => readTunnel(present)) === undefined ? readTunnel(present) : undefined;
  let kind: Kind = 'none';
  let ssh = before && 'ssh' in before ? before.ssh : '';
  const known = before && 'kubectl' in before ? before.kubectl : undefined;
  let [context, namespace] = [known?.context ?? '', known?.namespace ?? ''];
  let target = known ? (known.service === undefined ? `pod/${known.pod ?? ''}` : `service/${known.service}`) : '';
  const kubectl = (): TunnelSettings => ({
    kubectl: {
      ...(known?.kubeconfig !== undefined && { kubeconfig: known.kubeconfig }),
      ...{ context, namespace },
      ...targetOf(target),
    },
  });
  const chosen = (): TunnelSettings => (kind === 'ssh' ? { ssh } : kubectl());
  const complete = () => problemOf(() => readTunnel(chosen()));
  const steps = (): Step[] => [
    choiceStep<Kind>({
      placeholder: l10n.t('Through which program should this connection reach its endpoints?'),
      choices: [
        {
          value: 'ssh',
          label: 'ssh',
          detail: l10n.t("A host that reaches them, with your ssh's own keys and settings"),
        },
        { value: 'kubectl', label: 'kubectl port-forward', detail: l10n.t('A pod or a service of Kubernetes') },
        { value: 'none', label: l10n.t('none') },
      ],
      answer: (value) => (kind = value),
    }),
    ...(kind === 'ssh'
      ? [
          textStep({
            prompt: l10n.t('Host as for ssh: user@host, ssh://user@host:port, or a name of its configuration.'),
            value: ssh,
            validate: (text) => problemOf(() => readTunnel({ ssh: text.trim() })),
            answer: (text) => (ssh = text.trim()),
          }),
        ]
      : []),
    ...(kind === 'kubectl'
      ? [
          textStep({
            prompt: l10n.t('Context of kubectl'),
            value: context,
            answer: (text) => (context = text.trim()),
          }),
          textStep({
            prompt: l10n.t('Namespace'),
            value: namespace || 'default',
            answer: (text) => (namespace = text.trim()),
          }),
          textStep({
            prompt: l10n.t('pod/NAME or service/NAME. The port is that of the endpoint.'),
            value: target,
            placeholder: 'pod/etcd-0',
            validate: (text) => {
              target = text.trim();
              return complete();
            },
            answer: (text) => (target = text.trim()),
          }),
        ]
      : []),
  ];
  if (!(await runSteps(l10n.t('Edit etcd Connection'), steps))) return undefined;
  return kind === 'none' ? others : { ...others, tunnel: chosen() };
}

function targetOf(target: string): { pod: string } | { service: string } {
  const [kind = '', name] = target.split('/', 2);
  return kind === 'service' || kind === 'svc' ? { service: name ?? '' } : { pod: name ?? kind };
}
