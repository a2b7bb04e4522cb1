import { l10n, type QuickPickItem } from 'vscode';
import { colorText } from '../../connections/settings/connectionColor.ts';
import {
  APIS,
  COLORS,
  timeLimits,
  TOOL_ACCESSES,
  TRANSPORTS,
  type ConnectionProfile,
  type ConnectionSettings,
  type ToolAccess,
} from '../../connections/settings/connectionProfile.ts';
import { hierarchyOf } from '../../connections/settings/hierarchySettings.ts';
import { metricsOrigin, metricsUrls } from '../../connections/settings/origins.ts';
import { trustText } from '../../connections/settings/trustText.ts';
import { portablePath } from '../../connections/settings/workspaceFolder.ts';
import { toolAccess } from '../../connections/tools/toolAccess.ts';
import { readPin } from '../../connections/trust/tlsFiles.ts';
import { keyText, keyTextProblem } from '../../etcd/keys/keyText.ts';
import { choiceStep, runSteps, textStep, type Choice, type Step, type Steps } from '../../ui/inputSteps.ts';
import { window } from '../../ui/text/window.ts';
import { endpointsStep, nameStep, problemOf, trustStep } from './connectionForm.ts';
import { hiddenStep, hiddenText, readOnlySteps, readOnlyText } from './globFields.ts';
import { askTunnel, tunnelText } from './tunnelField.ts';

/** A property of a connection, with its present value. */
export interface ConnectionField extends QuickPickItem {
  /** Asks for the new value; undefined if the user cancels. If absent, the settings file is opened instead. */
  readonly edit?: () => Promise<ConnectionSettings | undefined>;
}

type TextName = 'username' | 'serverName';
type OptionalName = Exclude<keyof ConnectionSettings, 'name' | 'endpoints'>;
type Changing = { -readonly [K in keyof ConnectionSettings]: ConnectionSettings[K] };
type FlagName = 'production' | 'sync';
type SecondsName = 'connectTimeout' | 'headerTimeout';

/** Lists every property of a connection, and a way to the settings file. */
export function connectionFields(profile: ConnectionProfile, takenNames: readonly string[]): ConnectionField[] {
  return [
    ...placeFields(profile, takenNames),
    ...certificateFields(profile),
    ...safetyFields(profile),
    ...keyFields(profile),
    ...protocolFields(profile),
    { label: l10n.t('Open settings.json'), description: l10n.t('all properties, with completion') },
  ];
}

function placeFields({ settings }: ConnectionProfile, takenNames: readonly string[]): ConnectionField[] {
  return [
    {
      label: l10n.t('Endpoints'),
      description: settings.endpoints.join(', '),
      edit: () => ask((keep) => endpointsStep(settings.endpoints, (endpoints) => keep({ ...settings, endpoints }))),
    },
    { label: l10n.t('Tunnel'), description: tunnelText(settings), edit: () => askTunnel(settings) },
    {
      label: l10n.t('User name'),
      description: settings.username ?? l10n.t('none'),
      edit: editText(
        settings,
        'username',
        l10n.t('User name in etcd. Leave it empty if etcd does not use authentication.'),
      ),
    },
    {
      label: l10n.t('Name'),
      description: settings.name,
      edit: () => ask((keep) => nameStep(settings.name, takenNames, (name) => keep({ ...settings, name }))),
    },
    {
      label: l10n.t('Color'),
      description: settings.color === undefined ? l10n.t('none') : colorText(settings.color),
      edit: editChoice(settings, 'color', l10n.t('Color of the connection in the tree and in the status bar'), [
        ...COLORS.map((value) => ({ value, label: colorText(value) })),
        { value: undefined, label: l10n.t('none') },
      ]),
    },
  ];
}

function certificateFields(profile: ConnectionProfile): ConnectionField[] {
  const { settings } = profile;
  // Pins alone would decide, whatever else the connection trusts.
  const { ca: _ca, caFile: _file, pinnedSha256: _pins, ...withoutCertificate } = settings;
  const pins = settings.pinnedSha256 ?? [];
  return [
    {
      label: l10n.t('Certificate'),
      description: trustText(settings),
      edit: () => ask((keep) => trustStep((_, certificate) => keep({ ...withoutCertificate, ...certificate }))),
    },
    {
      label: l10n.t('Pins'),
      description: pins.length === 0 ? l10n.t('none') : pins.map((pin) => pin.slice(0, 12)).join(', '),
      edit: () =>
        ask((keep) =>
          textStep({
            prompt: l10n.t(
              'SHA-256 hashes of the only certificates to accept, separated by commas. Leave it empty for none.',
            ),
            value: pins.join(', '),
            validate: (text) => problemOf(() => listIn(text).forEach(readPin)),
            answer: (text) => keep(withValue(settings, 'pinnedSha256', text.trim() === '' ? undefined : listIn(text))),
          }),
        ),
    },
    {
      label: l10n.t('Server name'),
      description: settings.serverName ?? l10n.t("the endpoint's host name"),
      edit: editText(
        settings,
        'serverName',
        l10n.t("Host name expected in the server's certificate. Leave it empty for the endpoint's host name."),
      ),
    },
    {
      label: l10n.t('Client certificate'),
      description: clientFiles(settings).join(', ') || l10n.t('none'),
      edit: () => askClientCertificate(profile),
    },
  ];
}

function safetyFields(profile: ConnectionProfile): ConnectionField[] {
  const { settings } = profile;
  const { production = false, confirmSave } = settings;
  const usual = l10n.t('as for production: {0}', yesNo(production));
  return [
    flagField(
      settings,
      'production',
      l10n.t('Production'),
      l10n.t('Mark it as production, and ask before each change?'),
    ),
    {
      label: l10n.t('Read-only'),
      description: readOnlyText(settings.readOnly),
      edit: () => askAll((keep) => readOnlySteps(settings, (value) => keep(withValue(settings, 'readOnly', value)))),
    },
    {
      label: l10n.t('Confirm saves'),
      description: confirmSave === undefined ? usual : yesNo(confirmSave),
      edit: editChoice(settings, 'confirmSave', l10n.t('Show what a save changes, and ask before it is written?'), [
        { value: undefined, label: usual },
        { value: true, label: yesNo(true) },
        { value: false, label: yesNo(false) },
      ]),
    },
    {
      label: l10n.t("Language models' tools"),
      description: toolAccessText(toolAccess(profile)),
      edit: editChoice(
        settings,
        'languageModelTools',
        l10n.t('What may the tools of language models see?'),
        TOOL_ACCESSES.map((value) => ({ value, label: toolAccessText(value) })),
      ),
    },
  ];
}

function toolAccessText(access: ToolAccess): string {
  if (access === 'none') return l10n.t('nothing');
  return access === 'masked' ? l10n.t('everything but secrets') : l10n.t('everything, secrets too');
}

function keyFields({ settings }: ConnectionProfile): ConnectionField[] {
  const editSeparator = () =>
    ask((keep) =>
      textStep({
        prompt: l10n.t('What separates the segments of keys. Leave it empty for no folders.'),
        value: settings.separator?.toString() ?? '/',
        answer: (separator) => keep({ ...settings, separator }),
      }),
    );
  const editRoot = () =>
    ask((keep) =>
      textStep({
        prompt: l10n.t(
          'Show only keys below this prefix, or several, separated by commas. Leave it empty to show everything.',
        ),
        value: rootText(settings),
        validate: (text) =>
          listIn(text)
            .map(keyTextProblem)
            .find((problem) => problem !== undefined),
        answer: (text) => keep(withValue(settings, 'root', oneOrMore(listIn(text)))),
      }),
    );
  return [
    {
      label: l10n.t('Root'),
      description: rootText(settings) || l10n.t('everything is shown'),
      edit: editRoot,
    },
    {
      label: l10n.t('Hidden'),
      description: hiddenText(settings.hidden),
      edit: () => ask((keep) => hiddenStep(settings, (hidden) => keep(withValue(settings, 'hidden', hidden)))),
    },
    {
      label: l10n.t('Separator'),
      description: hierarchyOf(settings).separators.map(keyText).join(' ') || l10n.t('none: there are no folders'),
      ...(!Array.isArray(settings.separator) && { edit: editSeparator }),
    },
  ];
}

/** Returns the roots as a text; a comma in one is written as its escape. */
function rootText({ root = [] }: ConnectionSettings): string {
  return (typeof root === 'string' ? [root] : root).map((each) => each.replaceAll(',', String.raw`\x2c`)).join(', ');
}

function protocolFields({ settings }: ConnectionProfile): ConnectionField[] {
  const { connect, response } = timeLimits(settings);
  const metrics = metricsUrls(settings.metricsUrl).join(', ');
  const editMetrics = () =>
    ask((keep) =>
      textStep({
        prompt: l10n.t(
          "Addresses of the members' metrics (--listen-metrics-urls), separated by commas. Leave it empty for the endpoints.",
        ),
        value: metrics,
        validate: (text) => problemOf(() => listIn(text).forEach(metricsOrigin)),
        answer: (text) => keep(withValue(settings, 'metricsUrl', oneOrMore(listIn(text)))),
      }),
    );
  const choices = <T extends string>(values: readonly T[]) =>
    values.map((value) => ({ value: value === 'auto' ? undefined : value, label: value }));
  return [
    {
      label: l10n.t('API'),
      description: settings.api ?? 'auto',
      edit: editChoice(settings, 'api', l10n.t("Which of etcd's APIs to use; auto finds out"), choices(APIS)),
    },
    {
      label: l10n.t('Transport'),
      description: settings.transport ?? 'auto',
      edit: editChoice(
        settings,
        'transport',
        l10n.t('How to reach the v3 API; auto uses gRPC if the server answers to it'),
        choices(TRANSPORTS),
      ),
    },
    flagField(
      settings,
      'sync',
      l10n.t("Members' addresses"),
      l10n.t("Ask the cluster for its members' addresses, and use those that you allow?"),
    ),
    {
      label: l10n.t('Metrics'),
      description: metrics || l10n.t('from the endpoints'),
      edit: editMetrics,
    },
    secondsField(settings, 'connectTimeout', l10n.t('Connect timeout'), connect / 1000),
    secondsField(settings, 'headerTimeout', l10n.t('Header timeout'), response / 1000),
  ];
}

function flagField(settings: ConnectionSettings, name: FlagName, label: string, question: string): ConnectionField {
  return {
    label,
    description: yesNo(settings[name] ?? false),
    edit: editChoice(settings, name, question, [
      { value: true, label: yesNo(true) },
      { value: undefined, label: yesNo(false) },
    ]),
  };
}

function secondsField(
  settings: ConnectionSettings,
  name: SecondsName,
  label: string,
  seconds: number,
): ConnectionField {
  return {
    label,
    description: l10n.t('{0} s', seconds),
    edit: () =>
      ask((keep) =>
        textStep({
          prompt: l10n.t('Seconds. Leave it empty for the default.'),
          value: String(settings[name] ?? ''),
          validate: (text) => (Number(text || 1) > 0 ? undefined : l10n.t('Enter a number of seconds above 0.')),
          answer: (text) => keep(withValue(settings, name, text.trim() === '' ? undefined : Number(text))),
        }),
      ),
  };
}

function yesNo(value: boolean): string {
  return value ? l10n.t('yes') : l10n.t('no');
}

async function ask(
  step: (keep: (changed: ConnectionSettings) => void) => Step,
): Promise<ConnectionSettings | undefined> {
  return await askAll((keep) => {
    const only = step(keep);
    return () => [only];
  });
}

/** Asks several questions; undefined if the user cancels one. */
async function askAll(
  steps: (keep: (changed: ConnectionSettings) => void) => Steps,
): Promise<ConnectionSettings | undefined> {
  let result: ConnectionSettings | undefined;
  const isDone = await runSteps(
    l10n.t('Edit etcd Connection'),
    steps((changed) => (result = changed)),
  );
  return isDone ? result : undefined;
}

function editText(settings: ConnectionSettings, name: TextName, prompt: string) {
  return () =>
    ask((keep) =>
      textStep({
        prompt,
        value: settings[name] ?? '',
        answer: (text) => keep(withValue(settings, name, text.trim() === '' ? undefined : text.trim())),
      }),
    );
}

function editChoice<K extends OptionalName>(
  settings: ConnectionSettings,
  name: K,
  placeholder: string,
  choices: readonly Choice<ConnectionSettings[K] | undefined>[],
) {
  return () =>
    ask((keep) => choiceStep({ placeholder, choices, answer: (value) => keep(withValue(settings, name, value)) }));
}

/** Asks for the files of the certificate that this client shows to the server. */
async function askClientCertificate(profile: ConnectionProfile): Promise<ConnectionSettings | undefined> {
  const { certFile: _cert, keyFile: _key, pfxFile: _pfx, ...others } = profile.settings;
  let kind: 'none' | 'pem' | 'pfx' | undefined;
  const step = choiceStep<typeof kind>({
    placeholder: l10n.t('Which certificate should this client show to the server?'),
    choices: [
      { value: 'pem', label: l10n.t('PEM files…'), detail: l10n.t('A certificate, and then its private key') },
      { value: 'pfx', label: l10n.t('A PKCS#12 archive…'), detail: l10n.t('One file with both') },
      { value: 'none', label: l10n.t('none') },
    ],
    answer: (value) => (kind = value),
  });
  await runSteps(l10n.t('Edit etcd Connection'), () => [step]);
  if (kind === 'none') return others;
  if (kind === 'pfx') {
    const pfxFile = await askFile(profile, l10n.t('PKCS#12 Archive'));
    return pfxFile === undefined ? undefined : { ...others, pfxFile };
  }
  if (kind === undefined) return undefined;
  const certFile = await askFile(profile, l10n.t('Client Certificate'));
  if (certFile === undefined) return undefined;
  const keyFile = await askFile(profile, l10n.t('Private Key of the Client Certificate'));
  return keyFile === undefined ? undefined : { ...others, certFile, keyFile };
}

async function askFile(profile: ConnectionProfile, title: string): Promise<string | undefined> {
  const [file] = (await window.showOpenDialog({ title, openLabel: l10n.t('Use') })) ?? [];
  return file && portablePath(file.fsPath, profile);
}

function clientFiles({ certFile, keyFile, pfxFile }: ConnectionSettings): string[] {
  return [certFile, keyFile, pfxFile].flatMap((file) => file ?? []);
}

/** Returns settings with a property set, or without it. */
function withValue<K extends OptionalName>(
  settings: ConnectionSettings,
  name: K,
  value: ConnectionSettings[K] | undefined,
): ConnectionSettings {
  const changed: Changing = { ...settings };
  delete changed[name];
  if (value !== undefined) changed[name] = value;
  return changed;
}

/** Returns the only text as it is, because that is how most people write the setting. */
function oneOrMore(texts: readonly string[]): string | readonly string[] | undefined {
  return texts.length > 1 ? texts : texts[0];
}

function listIn(text: string): string[] {
  return text.split(',').flatMap((each) => each.trim() || []);
}
