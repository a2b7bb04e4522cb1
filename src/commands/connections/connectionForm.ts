import { l10n, workspace } from 'vscode';
import {
  DEFAULT_ENDPOINT,
  type ConnectionSettings,
  type ConnectionSource,
} from '../../connections/settings/connectionProfile.ts';
import { endpointOrigin } from '../../connections/settings/origins.ts';
import { portablePath } from '../../connections/settings/workspaceFolder.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { certificateText, readCertificates } from '../../etcd/http/pem.ts';
import { clipboardUnasked } from '../../ui/clipboard.ts';
import { choiceStep, runSteps, textStep, type Choice, type Step } from '../../ui/inputSteps.ts';
import { window } from '../../ui/text/window.ts';

/** Source of the trusted certificate. */
type TrustChoice = 'system' | 'file' | 'clipboard';

export interface NewConnection {
  readonly settings: ConnectionSettings;
  readonly source: ConnectionSource;
  readonly password: string;
  /** Set further properties before it is opened. */
  readonly wantsMore?: boolean;
}

/** Asks for the settings of a new connection; undefined if the user cancels. */
export async function askNewConnection(takenNames: readonly string[]): Promise<NewConnection | undefined> {
  let endpoints: readonly string[] = [DEFAULT_ENDPOINT];
  let trust: TrustChoice = 'system';
  let trusted: Pick<ConnectionSettings, 'ca' | 'caFile'> = {};
  let username = '';
  let password = '';
  let name = '';
  let source: ConnectionSource = 'user';
  let wantsMore = false;
  const steps = (): Step[] => [
    endpointsStep(endpoints, (answer) => (endpoints = answer)),
    ...(usesTls(endpoints) ? [trustStep((answer, certificate) => ([trust, trusted] = [answer, certificate]))] : []),
    textStep({
      prompt: l10n.t('User name in etcd. Leave it empty if etcd does not use authentication.'),
      value: username,
      placeholder: 'root',
      answer: (text) => (username = text.trim()),
    }),
    ...(username ? [passwordStep(username, (text) => (password = text))] : []),
    nameStep(name || proposedName(endpoints, takenNames), takenNames, (text) => (name = text)),
    ...(workspace.workspaceFolders ? [sourceStep((answer) => (source = answer))] : []),
    moreStep((answer) => (wantsMore = answer)),
  ];
  if (!(await runSteps(l10n.t('Add etcd Connection'), steps))) return undefined;
  const certificate = usesTls(endpoints) && trust !== 'system' ? portable(trusted, source) : {};
  const settings = { name, endpoints, ...(username && { username }), ...certificate };
  return { settings, source, password, wantsMore };
}

export function endpointsStep(endpoints: readonly string[], answer: (endpoints: string[]) => void): Step {
  return textStep({
    prompt: l10n.t('Endpoint of etcd; several members of one cluster are separated by commas.'),
    value: endpoints.join(', '),
    placeholder: DEFAULT_ENDPOINT,
    validate: (text) => {
      const list = splitEndpoints(text);
      return list.length === 0
        ? l10n.t('Enter an endpoint, such as {0}.', DEFAULT_ENDPOINT)
        : problemOf(() => list.forEach(endpointOrigin));
    },
    answer: (text) => answer(splitEndpoints(text).map(endpointOrigin)),
  });
}

/** Asks which authority to trust; the answer is the path of a file with the certificate, or the certificate's text. */
export function trustStep(
  answer: (trust: TrustChoice, certificate: Pick<ConnectionSettings, 'ca' | 'caFile'>) => void,
): Step {
  return async (position) => {
    const copied = await clipboardUnasked();
    const copiedIsUsable = problemOf(() => readCertificates(copied, '')) === undefined;
    const choices: Choice<TrustChoice>[] = [
      {
        value: 'file',
        label: l10n.t('A certificate file…'),
        detail: l10n.t('The PEM file of a self-signed certificate or of its authority'),
      },
      ...(copiedIsUsable
        ? [
            {
              value: 'clipboard' as const,
              label: l10n.t('The certificate on the clipboard'),
              detail: l10n.t('It is saved as text in the settings'),
            },
          ]
        : []),
      {
        value: 'system',
        label: l10n.t("The system's certificate authorities"),
        detail: l10n.t('For certificates of a public or installed authority'),
      },
    ];
    const chosen: { trust: TrustChoice } = { trust: 'system' };
    const placeholder = l10n.t('Which certificate authority should this connection trust?');
    const outcome = await choiceStep<TrustChoice>({ placeholder, choices, answer: (trust) => (chosen.trust = trust) })(
      position,
    );
    if (outcome !== 'next') return outcome;
    if (chosen.trust !== 'file') {
      answer(chosen.trust, chosen.trust === 'clipboard' ? { ca: certificateText(copied, '') } : {});
      return 'next';
    }
    const [file] = (await window.showOpenDialog({ title: l10n.t('Certificate File'), openLabel: l10n.t('Use') })) ?? [];
    if (file) answer('file', { caFile: file.fsPath });
    return file ? 'next' : 'cancel';
  };
}

export function nameStep(value: string, takenNames: readonly string[], answer: (name: string) => void): Step {
  return textStep({
    prompt: l10n.t('Name of the connection'),
    value,
    validate: (text) => {
      if (text.trim() === '') return l10n.t('Enter a name.');
      return takenNames.includes(text.trim()) ? l10n.t('Another connection already has this name.') : undefined;
    },
    answer: (text) => answer(text.trim()),
  });
}

function passwordStep(username: string, answer: (password: string) => void): Step {
  return textStep({
    prompt: l10n.t("Password of the etcd user {0}. It is stored in VS Code's secret storage.", username),
    password: true,
    answer,
  });
}

export function sourceStep(answer: (source: ConnectionSource) => void): Step {
  return choiceStep<ConnectionSource>({
    placeholder: l10n.t('Where should the connection be saved? The password always goes to the secret storage.'),
    choices: [
      { value: 'user', label: l10n.t('User settings'), detail: l10n.t('Yours, in every window') },
      {
        value: 'workspace',
        label: l10n.t('Workspace settings'),
        detail: l10n.t('For everyone who opens this workspace'),
      },
    ],
    answer,
  });
}

function moreStep(answer: (wantsMore: boolean) => void): Step {
  return choiceStep<boolean>({
    placeholder: l10n.t('Everything else has a default.'),
    choices: [
      { value: false, label: l10n.t('Save and connect') },
      {
        value: true,
        label: l10n.t('Set more properties first…'),
        detail: l10n.t('Production, read-only, client certificate, pins, root, color, transport, time limits'),
      },
    ],
    answer,
  });
}

/**
 * Returns a path for the settings: in the workspace's settings, relative to its folder, so that it is valid on every
 * machine.
 */
function portable(
  certificate: Pick<ConnectionSettings, 'ca' | 'caFile'>,
  source: ConnectionSource,
): Pick<ConnectionSettings, 'ca' | 'caFile'> {
  if (certificate.caFile === undefined) return certificate;
  return { caFile: portablePath(certificate.caFile, { source }) };
}

function usesTls(endpoints: readonly string[]): boolean {
  return endpoints.some((endpoint) => endpoint.startsWith('https:'));
}

export function proposedName(endpoints: readonly string[], takenNames: readonly string[]): string {
  const { hostname } = new URL(endpoints[0] ?? DEFAULT_ENDPOINT);
  const base = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname) ? 'local' : hostname;
  const candidates = [base, ...takenNames.map((_, index) => `${base}-${index + 2}`)];
  return candidates.find((candidate) => !takenNames.includes(candidate)) ?? base;
}

function splitEndpoints(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Returns the message of a check that fails. */
export function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (EtcdError.is(error)) return error.message;
    throw error;
  }
}
