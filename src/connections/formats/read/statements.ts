import { t } from '@vscode/l10n';
import { isEtcdPath, readEndpoint } from './endpointText.ts';
import { hasMark, marked, withoutCommands } from './marks.ts';
import { commandTakes, takesOf, unclosed, type Take } from './readCommands.ts';
import { FieldReader } from './readFields.ts';
import { takeVariable } from './readEtcdctl.ts';
import type { Shell } from './shellWords.ts';
import { Variables } from './variables.ts';

/** A part of a text that says something about a connection. */
export interface Statement {
  /** Number of the paragraph. Statements without an empty line between them belong together. */
  readonly paragraph: number;
  readonly kind: 'command' | 'string' | 'go' | 'settings';
  readonly take: Take;
}

const MAX_LINES_OF_QUOTES = 20;
/** Credentials that may precede `@`. */
const USER = /^[^\s/@:]+(?::[^\s@]*)?$/;
const HOST_AND_PORT = /^(\[[0-9a-f:]+\]|[\w.-]+):\d{2,5}\/?$/i;
const ADDRESS = /^(?:\[.*\]|\d+(?:\.\d+){3})$/;
const RELEVANT = /\b(?:curl|etcdctl)(?:\.exe)?\b|\bETCD\w*\b\s?[=\s,"']|--etcd-\w|--advertise-client-urls/i;
/** A shell's prompt, which may name a user and a host that have nothing to do with etcd. */
const PROMPT = new RegExp(
  String.raw`^(?:\([\w.-]{1,40}\)\s*)?(?:` +
    String.raw`(?:PS\s[^>\n]{0,200}|[A-Za-z]:\\[^>\n]{0,200})>{1,2}\s*` +
    String.raw`|(?:\[[^\]\n]{1,100}\]|[\w.-]{1,60}@[\w.-]{1,60}(?:[: ][^\s$#%>]{0,120})?|(?:ba|z|da|k)?sh-[\d.]{1,9}|[~/][^\s$#%>]{0,120}|➜\s+\S{1,60})?\s?(?:[$#%❯➜»λ]|>{1,2})\s+)`,
  'u',
);
/** Options of etcdctl without its name. */
const OPTIONS_ALONE = /^--(?:endpoints?|peers|cacert|ca-file|user|username)[= ]/;
const YAML_VARIABLE = /^(?:-\s+)?["']?(ETCD\w*)["']?\s*:\s+(\S.*)$/;
const YAML_NAME = /^(?:-\s+)?["']?name["']?\s*:\s*["']?(ETCD\w*)["']?,?$/;
const YAML_VALUE = /^["']?value["']?\s*:\s*(\S.*?),?$/;
const CMD_SET = /^set\s+"?([A-Za-z_]\w*)=([^&\n]*)(?:&&?\s*(.*))?$/is;
const NET_SET = /SetEnvironmentVariable\(\s*["'](\w+)["']\s*,\s*(["'])(.*?)\2/i;
const POWERSHELL = /\$\{?env:|^PS\s|\s`\v|^&\s/im;
const CMD = /\s\^\v|^[A-Za-z]:\\[^>\n]*>|^(?:set|SET)\s+"?[A-Za-z_]\w*=|%(?![\dA-F]{2}%)[A-Z_][A-Z0-9_]+%/m;

/** Reads the lines of a text that is not a certificate, JSON or Go. Runs nothing. */
export class StatementReader {
  readonly #lines: readonly string[];
  readonly #variables = new Variables();
  readonly #fields = new FieldReader();
  readonly #statements: Statement[] = [];
  #at = 0;
  #paragraph = 0;
  /**
   * Line up to which a list was found not to be a command; checking the rest of it line by line would take quadratic
   * time.
   */
  #proseTo = 0;

  constructor(text: string) {
    this.#lines = joined(text).split('\n');
  }

  read(): Statement[] {
    while (this.#at < this.#lines.length) this.#readLine();
    return this.#statements;
  }

  #readLine(): void {
    const raw = this.#lines[this.#at++] ?? '';
    const text = raw.trim();
    if (text === '' || /^(?:```|~~~)/.test(text)) {
      this.#paragraph++;
      return;
    }
    const line = text.replace(PROMPT, '').replace(OPTIONS_ALONE, 'etcdctl $&');
    if (this.#takeYaml(line)) return;
    const list = this.#listItems(line);
    const [, netName, , netValue] = NET_SET.exec(line) ?? [];
    const [, setName, setValue = '', more] = CMD_SET.exec(line) ?? [];
    if (list) this.#add(takesOf(list, 'posix', this.#variables));
    else if (netName !== undefined) this.#variable(netName, netValue ?? '');
    else if (setName !== undefined) {
      this.#variable(setName, setValue.trim().replace(/"$/, ''));
      if (more) this.#shell(more, shellOf(raw));
    } else if (isRelevant(line)) this.#shell(line, shellOf(text));
    else this.#other(line, shellOf(text));
  }

  #add(takes: readonly Take[], kind: Statement['kind'] = 'command'): void {
    for (const take of takes) this.#statements.push({ paragraph: this.#paragraph, kind, take });
  }

  #variable(name: string, value: string): void {
    if (!hasMark(value)) this.#variables.set(name, value);
    if (name.startsWith('ETCD')) this.#add([(draft) => void takeVariable(draft, name, value)]);
  }

  /** Takes the environment of a compose file, a pod or another YAML file. */
  #takeYaml(line: string): boolean {
    const [, name, value] = YAML_VARIABLE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      this.#variable(name, yamlText(value));
      return true;
    }
    const podName = YAML_NAME.exec(line)?.[1];
    const podValue = YAML_VALUE.exec(this.#lines[this.#at]?.trim() ?? '')?.[1];
    if (podName === undefined) return false;
    if (podValue === undefined) {
      this.#add([(draft) => draft.note(t('The value of the variable {0} stands elsewhere.', podName))]);
      return true;
    }
    this.#at++;
    this.#variable(podName, yamlText(podValue));
    return true;
  }

  /** Returns the words of a command that a YAML file or a Dockerfile writes as a list. */
  #listItems(line: string): string[] | undefined {
    const flow = flowList(line);
    if (flow !== undefined && isRelevant(line))
      return [...flow.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(([, double, single]) =>
        marked(double?.replaceAll(/\\(["\\])/g, '$1') ?? single ?? ''),
      );
    if (!/^-\s+\S/.test(line)) return undefined;
    if (this.#at <= this.#proseTo) return undefined;
    const items = [line];
    for (let next = this.#at; /^\s*-\s+\S/.test(this.#lines[next] ?? ''); next++)
      items.push((this.#lines[next] ?? '').trim());
    const words = items.map((item) => yamlText(item.replace(/^-\s+/, '')));
    if (!words.some(isRelevant) || words.some((word) => /^\w+:\s/.test(word))) {
      this.#proseTo = this.#at + items.length - 1;
      return undefined;
    }
    this.#at += items.length - 1;
    const separate = words.every((word) => !/\s/.test(word)) || words.some((word) => /^-?-\w/.test(word));
    if (separate) return words;
    // Prose lists one command per line.
    for (const word of words) this.#shell(word, shellOf(word));
    return [];
  }

  /** Takes the commands in a line, and in the following lines that its quotation marks span. */
  #shell(line: string, shell: Shell): void {
    const normal = normalized(line, shell);
    for (let count = 0; count < Math.min(this.#lines.length - this.#at + 1, MAX_LINES_OF_QUOTES); count++) {
      const more = this.#lines.slice(this.#at, this.#at + count);
      const takes = commandTakes([normal, ...more].join('\n'), shell, this.#variables);
      if (takes === undefined) continue;
      this.#at += count;
      if (takes.length > 0) this.#add(takes);
      else this.#strings(line);
      return;
    }
    // An apostrophe in the prose before the command is not a quotation mark.
    const start = /(?:^|\s)['"`]?(?:\S*[/\\])?(?:curl|etcdctl)(?:\.exe)?\s/.exec(line)?.index ?? 0;
    const takes = start > 0 ? commandTakes(normalized(line.slice(start), shell), shell, this.#variables) : undefined;
    if (takes && takes.length > 0) this.#add(takes);
    else this.#add([unclosed(line.slice(start).trim())]);
  }

  /** Takes a line without any of etcd's words; later lines may use the variables in it. */
  #other(line: string, shell: Shell): void {
    if (/(?:^|\s)\$?(?:env:)?[A-Za-z_]\w*\s?=\s?\S|^set\s/.test(line) && line.length < 4000)
      commandTakes(normalized(line, shell), shell, this.#variables);
    this.#strings(line);
  }

  /** Takes the endpoints in a line of prose or of connection strings. */
  #strings(line: string): void {
    const isAssignment = /^(?:export\s+|set\s+-\w+\s+)?[A-Za-z_]\w*=/.test(line);
    const takes =
      isAssignment && !line.includes('://')
        ? []
        : wordsOf(marked(line, (name) => this.#variables.get(name))).flatMap(stringTake);
    this.#add([...takes, ...this.#fields.read(line)], 'string');
  }
}

/** Returns the content of a YAML list in square brackets at the end of a line. */
function flowList(line: string): string | undefined {
  const start = /\[\s*["']/.exec(line)?.index;
  if (start === undefined || !line.endsWith(']')) return undefined;
  const inside = line
    .slice(start + 1, -1)
    .trim()
    .replace(/,$/, '')
    .trimEnd();
  return /["']$/.test(inside) && inside.length > 1 ? inside : undefined;
}

function isRelevant(line: string): boolean {
  return RELEVANT.test(line);
}

function shellOf(text: string): Shell {
  if (POWERSHELL.test(text)) return 'powershell';
  return CMD.test(text) ? 'cmd' : 'posix';
}

/**
 * Joins a template's `{{ name }}` and `<name>` into one word, and lines that a shell continues into one line. A
 * vertical tab marks where PowerShell's or cmd's continuation was, which identifies the shell.
 */
function joined(text: string): string {
  return text
    .replaceAll(/\{\{[ .$\w-]{1,80}\}\}|<[A-Za-z][\w. -]{0,60}>/g, (all) => all.replaceAll(' ', ''))
    .replaceAll(/([ \t][`^])[ \t]*\n[ \t]*(?:>{1,2} |More\? )?/g, '$1\v')
    .replaceAll(/,\\[ \t]*\n[ \t]*(?:> )?/g, ',')
    .replaceAll(/(^|[ \t])\\[ \t]*\n[ \t]*(?:> )?/gm, '$1 ')
    .replaceAll(/(^[^\n:]*|[^\\\n])\\\n(?=[ \t]+-)/gm, '$1 ');
}

/** Converts what other shells write differently. */
function normalized(line: string, shell: Shell): string {
  const text = line.replaceAll(/[`^]\v/g, ' ');
  // A browser's "Copy as cURL (cmd)" escapes quotation marks that are meant for curl.
  const plain = shell === 'cmd' && text.includes('^"') ? text.replaceAll(/\^(.)/g, '$1') : text;
  return plain
    .replaceAll(/(^|[;\s])\$\{?env[:.](\w{1,100})\}?\s?=\s?/gi, '$1$2=')
    .replaceAll(/[`^]\v/g, ' ')
    .replaceAll(/[“”„]/g, '"')
    .replaceAll(/(^|\s)[–—](?=[a-z])/gi, '$1--');
}

/** Returns a scalar of YAML without its quotation marks and its comment. */
function yamlText(written: string): string {
  const text = written.trim();
  const [, single, double] = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/.exec(text) ?? [];
  if (single !== undefined) return marked(single.replaceAll("''", "'"));
  if (double !== undefined) return marked(double.replaceAll(/\\(["\\])/g, '$1'));
  return marked(text.replace(/\s#.*$/, ''));
}

/** Splits prose or a list of connection strings into words. */
function wordsOf(line: string): string[] {
  return line
    .replaceAll(/[“”„]/g, '"')
    .replaceAll(/(?:[\w.)]{0,100}\(|[[{])\s*(?=["'])/g, ' ')
    .split(/[\s;]+|,(?=\S{0,300}?(?:\/\/|:\d|@)|$)/)
    .filter(Boolean);
}

function stringTake(word: string): Take[] {
  const quoted = /^(["'])(\w+:\/\/[^"']+)\1/.exec(word)?.[2];
  const bare = (quoted ?? word)
    .replace(/^['"`(<]+(?!\w+>)/, '')
    .replace(/^-?-?[A-Za-z_][\w.-]{0,60}=(?=["']?\w+:\/\/)/, '');
  const text = withoutCommands(
    trimmedEnd(bare.replace(/^["']/, ''), '\'"`),.:'.concat(/^[^<]*>$/.test(bare) ? '>' : '')),
  );
  if (/^unixs?:/i.test(text) || isBareEndpoint(text)) return [(draft) => draft.endpoint(text)];
  if (!/^[a-z][a-z0-9+.-]{0,30}:\/\//i.test(text)) return [];
  const read = readEndpoint(text);
  if (read.kind === 'endpoint' && !isEtcdPath(read.path) && !read.isUnencoded)
    return [(draft) => draft.note(t('{0} is not taken: it leads to a page.', read.endpoint))];
  return [(draft) => draft.endpoints(text)];
}

/**
 * Whether a word is `host:port` or `user:password@host:port` without a scheme; a host is an address or has a letter in
 * its last label.
 */
function isBareEndpoint(word: string): boolean {
  const at = word.lastIndexOf('@');
  if (at >= 0 && !USER.test(word.slice(0, at))) return false;
  const host = HOST_AND_PORT.exec(word.slice(at + 1))?.[1];
  if (host === undefined || host.startsWith('-')) return false;
  const labels = host.split('.');
  return ADDRESS.test(host) || (!labels.includes('') && /[a-z]/i.test(labels.at(-1) ?? ''));
}

/** Removes these characters from the end of a text. */
function trimmedEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
