import { t } from '@vscode/l10n';
import { split } from 'shlex';
import { EtcdError } from '../../etcd/errors.ts';
import { readCertificates } from '../../etcd/http/pem.ts';
import { takeCurl } from './curlOptions.ts';
import { withoutUser } from './endpointText.ts';
import { takeEtcdctl, takeVariable } from './etcdctlFlags.ts';
import { takeGo } from './goSource.ts';
import { ConnectionDraft, type PastedConnection } from './pastedConnection.ts';

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;
/** What stands before a command or an assignment in a line without changing its meaning here. */
const WRAPPERS = new Set(['sudo', 'docker', 'podman', 'kubectl', 'env', 'time', 'watch', '$', '#', '>', '%']);
const ASSIGNING = new Set(['export', 'set', 'env', 'declare', '-x', 'setenv']);
const OPERATORS = new Set(['|', '||', '&&', ';', '&', '>', '>>', '<', '2>']);
/** `host:port` or `user:password@host:port`, without a scheme; a host has a letter or is an address. */
const BARE_ENDPOINT =
  /^(?:[^\s/@:]+(?::[^\s/@]*)?@)?(?:\[[0-9a-f:]+\]|(?:[a-z0-9_-]+\.)*[a-z0-9_-]*[a-z][a-z0-9_-]*|\d+(?:\.\d+){3}):\d{2,5}\/?$/i;
/** An address in prose that etcd does not answer, such as the manual's. */
const FOREIGN_PATH = /^https?:\/\/[^/]+\/(?!(?:v2|v3|v3alpha|v3beta)(?:\/|$)|version$|health$|metrics$)./i;

/**
 * Finds a connection in what somebody copied: curl and etcdctl lines, variables, connection strings, Go, certificates,
 * and mixtures of them. Nothing is executed, and what is not understood is said.
 * @param environment where the text's own variables (`$ETCD_…`) are looked up
 */
export function parseConnection(text: string, environment: NodeJS.ProcessEnv = {}): PastedConnection {
  const draft = new ConnectionDraft(environment);
  const withoutBom = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const rest = takeCertificates(draft, withoutBom);
  if (!takeGo(draft, rest)) takeLines(draft, rest.replaceAll(/\\\n[ \t]*/g, ' ').split('\n'));
  return draft.finish();
}

/** The connection that etcdctl's own variables describe. */
export function connectionInEnvironment(environment: NodeJS.ProcessEnv): PastedConnection {
  const draft = new ConnectionDraft({});
  for (const [name, value] of Object.entries(environment)) if (value) takeVariable(draft, name, value);
  return draft.finish();
}

/** Takes the PEM blocks, and returns the text without them. */
function takeCertificates(draft: ConnectionDraft, text: string): string {
  const certificates: string[] = [];
  const rest = text.replaceAll(PEM_BLOCK, (block, label: string) => {
    if (label.endsWith('CERTIFICATE')) certificates.push(block.replaceAll(String.raw`\n`, '\n'));
    else draft.note(t('A block "{0}" is not taken: keep it in a file, and name that in the settings.', label));
    return '';
  });
  if (certificates.length > 0) {
    try {
      const pem = readCertificates(certificates.join('\n'), t('the copied text')).map(String);
      draft.text('ca', [...new Set(pem)].join('').trim());
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      draft.note(error.message);
    }
  }
  if (rest.includes('-----BEGIN CERTIFICATE-----'))
    draft.note(t('The certificate is cut off: its line "-----END CERTIFICATE-----" is missing.'));
  return rest;
}

function takeLines(draft: ConnectionDraft, lines: readonly string[]): void {
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]?.trim() ?? '';
    const command = /\b(?:curl|etcdctl)\b|\bETCDCTL_\w+=/.test(line);
    if (!command) {
      takeStrings(draft, line);
      continue;
    }
    const { words, lineCount } = shellWords(lines.slice(index));
    index += lineCount - 1;
    if (!words) draft.note(t('A quotation mark is not closed: {0}', shortened(line)));
    else if (!takeCommands(draft, words)) takeStrings(draft, line);
  }
}

/** The words of the first line, and of as many more as its quotation marks span. */
function shellWords(lines: readonly string[]): { words: string[] | undefined; lineCount: number } {
  for (let lineCount = 1; lineCount <= Math.min(lines.length, 20); lineCount++) {
    try {
      return { words: split(lines.slice(0, lineCount).join('\n')), lineCount };
    } catch {
      // shlex throws plain errors, and for one reason: the text ends inside quotation marks.
    }
  }
  return { words: undefined, lineCount: 1 };
}

/** Takes the commands and assignments of one line; false where it has none. */
function takeCommands(draft: ConnectionDraft, words: readonly string[]): boolean {
  let found = false;
  let start = 0;
  while (start < words.length) {
    const end = words.findIndex((word, index) => index >= start && (OPERATORS.has(word) || word.endsWith(';')));
    const stop = end < 0 ? words.length : end;
    const last = words[stop];
    const command = [...words.slice(start, stop), ...(last?.endsWith(';') ? [last.slice(0, -1)] : [])].filter(Boolean);
    found = takeCommand(draft, command) || found;
    start = stop + 1;
  }
  return found;
}

function takeCommand(draft: ConnectionDraft, words: readonly string[]): boolean {
  const isWrapped = WRAPPERS.has(words[0] ?? '');
  let found = false;
  for (const [index, word] of words.entries()) {
    const program = /(?:^|[/\\(])(curl|etcdctl)(?:\.exe)?$/.exec(word)?.[1];
    if (program !== undefined) {
      const options = words.slice(index + 1).map((each) => each.replace(/^(https?:.*?)[)`]+$/, '$1'));
      if (program === 'curl') takeCurl(draft, options);
      else takeEtcdctl(draft, options);
      return true;
    }
    const [, name = '', value = ''] = ASSIGNMENT.exec(word.replace(/^\$env:/i, '')) ?? [];
    if (name && takeVariable(draft, name, value)) found = true;
    else if (!name && !isWrapped && !ASSIGNING.has(word)) break;
  }
  return found;
}

/** Takes the endpoints in a line of prose or of connection strings. */
function takeStrings(draft: ConnectionDraft, line: string): void {
  for (const word of line.split(/[\s,;]+/)) {
    const text = word.replace(/^['"`(<]+|['"`)>.:]+$/g, '');
    if (FOREIGN_PATH.test(text)) draft.note(t('{0} is not taken: it leads to a page.', withoutUser(text)));
    else if (/^unixs?:/i.test(text) || text.includes('://') || BARE_ENDPOINT.test(text)) draft.endpoint(text);
  }
}

function shortened(line: string): string {
  const [first = ''] = line.split(/\s/);
  return `${first} …`;
}
