import { t } from '@vscode/l10n';
import { secondsOf } from './durations.ts';
import type { ConnectionDraft } from './pastedConnection.ts';

type Take = (draft: ConnectionDraft, value: string) => void;

const V2_COMMANDS = new Set(['ls', 'set', 'mk', 'mkdir', 'rm', 'rmdir', 'setdir', 'update', 'updatedir', 'exec-watch']);
const V3_COMMANDS = new Set([
  'put',
  'del',
  'txn',
  'compaction',
  'lease',
  'endpoint',
  'snapshot',
  'alarm',
  'defrag',
  'elect',
]);
const SHORT: Readonly<Record<string, string>> = { u: 'username', C: 'peers', o: 'output', D: 'discovery-srv' };
const SHORT_V3: Readonly<Record<string, string>> = { w: 'write-out', d: 'discovery-srv' };
/** Options of the command line that say nothing about the connection. */
const WITH_VALUE = new Set([
  ...['output', 'write-out', 'keepalive-time', 'keepalive-timeout', 'limit', 'order', 'sort-by', 'rev', 'ttl', 'lease'],
  ...['total-timeout', 'discovery-srv-name', 'consistency'],
]);
const WITHOUT_VALUE = new Set([
  ...['debug', 'hex', 'insecure-discovery', 'prefix', 'keys-only', 'print-value-only', 'from-key', 'recursive'],
  ...['sort', 'quorum', 'p', 'r', 'count-only', 'no-sync', 'insecure-skip-tls-verify', 'insecure-transport', 'help'],
]);

const file = (field: 'caFile' | 'certFile' | 'keyFile', api: 'v2' | 'v3'): Take => {
  return (draft, value) => {
    draft.api(api);
    draft.text(field, value);
  };
};
const endpoints: Take = (draft, value) => draft.endpoints(value);
const user =
  (api: 'v2' | 'v3'): Take =>
  (draft, value) => {
    draft.api(api);
    draft.userAndPassword(value);
  };
const duration =
  (field: 'connectTimeout' | 'headerTimeout', api: 'v2' | 'v3'): Take =>
  (draft, value) => {
    draft.api(api);
    draft.seconds(field, secondsOf(value), value);
  };

/** The options that say something about the connection, by their long name; a variable `ETCDCTL_…` has the same meaning. */
const TAKEN: Readonly<Record<string, Take>> = {
  endpoints,
  endpoint: endpoints,
  peers: (draft, value) => {
    draft.api('v2');
    draft.endpoints(value);
  },
  'ca-file': file('caFile', 'v2'),
  'cert-file': file('certFile', 'v2'),
  'key-file': file('keyFile', 'v2'),
  cacert: file('caFile', 'v3'),
  cert: file('certFile', 'v3'),
  key: file('keyFile', 'v3'),
  username: user('v2'),
  user: user('v3'),
  password: (draft, value) => draft.password(value),
  timeout: duration('headerTimeout', 'v2'),
  'dial-timeout': duration('connectTimeout', 'v3'),
  'command-timeout': duration('headerTimeout', 'v3'),
  'no-sync': (draft, value) => {
    draft.api('v2');
    draft.sync(value === 'false');
  },
  'insecure-transport': (draft, value) => {
    if (value === 'false') draft.usesTls();
  },
  'insecure-skip-tls-verify': (draft, value) => {
    if (value !== 'false') draft.note(verificationStays('--insecure-skip-tls-verify'));
  },
  'discovery-srv': (draft, value) =>
    draft.note(t('Endpoints are not looked up in DNS ({0}): add them by their addresses.', value)),
};

export function verificationStays(option: string): string {
  return t(
    '{0} is not offered: verification stays on. An unknown certificate is shown, and trusted when you say so.',
    option,
  );
}

/** Takes the words that follow `etcdctl`. */
export function takeEtcdctl(draft: ConnectionDraft, words: readonly string[]): void {
  let command: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') return;
    if (!/^-./.test(word)) {
      command ??= word;
      if (command === word) takeCommand(draft, word);
      continue;
    }
    const [written, attached] = splitOption(word);
    const name = SHORT[written] ?? SHORT_V3[written] ?? written;
    const take = TAKEN[name];
    if (WITHOUT_VALUE.has(name)) take?.(draft, attached ?? 'true');
    else if (take || WITH_VALUE.has(name)) {
      const value = attached ?? words[++index];
      if (value === undefined) draft.note(t('The option {0} has no value.', word));
      else take?.(draft, value);
    } else draft.note(t("etcdctl's option {0} is not known here.", word.replace(/=.*/s, '')));
  }
}

/** Takes a variable such as `ETCDCTL_ENDPOINTS`; false where it is none of etcdctl's. */
export function takeVariable(draft: ConnectionDraft, variable: string, value: string): boolean {
  if (!variable.startsWith('ETCDCTL_')) return false;
  const name = variable.slice('ETCDCTL_'.length).toLowerCase().replaceAll('_', '-');
  const take = TAKEN[name];
  if (name === 'api') draft.api(value === '2' ? 'v2' : 'v3');
  else if (take) take(draft, value);
  else if (!WITH_VALUE.has(name) && !WITHOUT_VALUE.has(name))
    draft.note(t('The variable {0} is not known here.', variable));
  return true;
}

function takeCommand(draft: ConnectionDraft, command: string): void {
  if (V2_COMMANDS.has(command)) draft.api('v2');
  if (V3_COMMANDS.has(command)) draft.api('v3');
}

function splitOption(word: string): [string, string | undefined] {
  const name = word.replace(/^--?/, '');
  const equals = name.indexOf('=');
  return equals < 0 ? [name, undefined] : [name.slice(0, equals), name.slice(equals + 1)];
}
