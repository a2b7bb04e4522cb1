import { t } from '@vscode/l10n';
import { secondsOf } from './durations.ts';
import { hasMark } from './marks.ts';
import type { ConnectionDraft } from './connectionDraft.ts';

type TakeOption = (draft: ConnectionDraft, value: string) => void;

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
/** Options that say nothing about the connection. */
const WITH_VALUE = new Set([
  ...['output', 'write-out', 'keepalive-time', 'keepalive-timeout', 'limit', 'order', 'sort-by', 'rev', 'ttl', 'lease'],
  ...['total-timeout', 'discovery-srv-name', 'consistency'],
]);
const WITHOUT_VALUE = new Set([
  ...['debug', 'hex', 'insecure-discovery', 'prefix', 'keys-only', 'print-value-only', 'from-key', 'recursive'],
  ...['sort', 'quorum', 'p', 'r', 'count-only', 'no-sync', 'insecure-skip-tls-verify', 'insecure-transport', 'help'],
]);

const file = (field: 'caFile' | 'certFile' | 'keyFile', api: 'v2' | 'v3'): TakeOption => {
  return (draft, value) => {
    draft.api(api);
    draft.text(field, value);
  };
};
const endpoints: TakeOption = (draft, value) => draft.endpoints(value);
const user =
  (api: 'v2' | 'v3'): TakeOption =>
  (draft, value) => {
    draft.api(api);
    draft.userAndPassword(value);
  };
const duration =
  (field: 'connectTimeout' | 'headerTimeout', api: 'v2' | 'v3'): TakeOption =>
  (draft, value) => {
    draft.api(api);
    draft.seconds(field, secondsOf(value), value);
  };

/** Options about the connection, by their long names; a variable `ETCDCTL_…` means the same. */
const TAKEN: Readonly<Record<string, TakeOption>> = {
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
    if (command === undefined && hasMark(word) && !word.startsWith('-')) {
      draft.note(t('Options that stand in a variable or come from a command are not known here.'));
      continue;
    }
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

/** Options and variables of kube-apiserver, etcd itself and other programs, with etcdctl's names for them. */
const SAME_OPTION: Readonly<Record<string, string>> = {
  ...{ 'etcd-servers': 'endpoints', 'etcd-cafile': 'cacert', 'etcd-certfile': 'cert', 'etcd-keyfile': 'key' },
  ...{ 'advertise-client-urls': 'endpoints', 'etcd-endpoints': 'endpoints' },
};
const SAME_VARIABLE: Readonly<Record<string, string>> = {
  ...{ ETCD_ENDPOINTS: 'endpoints', ETCD_ADVERTISE_CLIENT_URLS: 'endpoints', ETCD_CA_CERT_FILE: 'cacert' },
  ...{ ETCD_CERT_FILE: 'cert', ETCD_KEY_FILE: 'key', ETCD_CACERT: 'cacert', ETCD_CERT: 'cert', ETCD_KEY: 'key' },
  ...{ ETCD_USERNAME: 'username', ETCD_PASSWORD: 'password' },
};

/** Whether a word is an option with which a program other than etcdctl names its etcd. */
export function isServerOption(word: string): boolean {
  return /^--etcd-\w/.test(word) || splitOption(word)[0] in SAME_OPTION;
}

/** Takes an option of kube-apiserver or of etcd itself; returns false for any other. */
export function takeServerOption(draft: ConnectionDraft, word: string, next: string | undefined): boolean {
  if (!word.startsWith('--')) return false;
  const [name, attached] = splitOption(word);
  const value = attached ?? next;
  const same = SAME_OPTION[name];
  if (same !== undefined && value !== undefined) TAKEN[same]?.(draft, value);
  else if (name.startsWith('etcd-')) draft.note(t('The option {0} is not taken over.', `--${name}`));
  else return false;
  return true;
}

/** Takes a variable such as `ETCDCTL_ENDPOINTS`; returns false if it is not about etcd. */
export function takeVariable(draft: ConnectionDraft, variable: string, value: string): boolean {
  const same = SAME_VARIABLE[variable];
  if (same !== undefined) TAKEN[same]?.(draft, value);
  if (!variable.startsWith('ETCDCTL_')) return same !== undefined;
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
