import { t } from '@vscode/l10n';
import { commandsIn, hasMark, withoutCommands } from './marks.ts';
import type { ConnectionDraft } from './connectionDraft.ts';
import { takeCurl } from './readCurl.ts';
import { isServerOption, takeEtcdctl, takeServerOption, takeVariable } from './readEtcdctl.ts';
import { splitCommands, type Shell } from './shellWords.ts';
import type { Variables } from './variables.ts';

/** One command or assignment of a text, which can be applied to several drafts. */
export type Take = (draft: ConnectionDraft) => void;

const MAX_DEPTH = 3;
const PROGRAM = /(?:^|[/\\(])(curl|etcdctl)(?:\.exe)?$/i;
const PROGRAM_INSIDE = /(?:^|[\s/\\('"`=])(?:curl|etcdctl)(?:\.exe)?\s+\S/i;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/;
const SUBCOMMAND =
  /^(?:get|put|del|watch|txn|ls|set|mk|mkdir|rm|rmdir|update|updatedir|setdir|exec-watch|member|endpoint|lease|auth|user|role|alarm|defrag|snapshot|compaction|version|check|elect|lock|move-leader|make-mirror|migrate|cluster-health|backup|help)$/;
/** Commands that set a variable, as `NAME value` or `NAME=value`. */
const ASSIGNING = new Set(['set', 'setenv', 'setx', 'ENV', 'ARG', 'export', 'declare', 'typeset', 'env']);

/**
 * Returns the commands and assignments in a piece of text.
 * @returns undefined if a quotation mark is not closed; an empty list if no word is about etcd
 */
export function commandTakes(text: string, shell: Shell, variables: Variables, depth = 0): Take[] | undefined {
  const takes: Take[] = [];
  const isWhole = splitCommands(
    text,
    shell,
    (name) => variables.get(name),
    (words) => takes.push(...takesOf(words, shell, variables, depth)),
  );
  return isWhole ? takes : undefined;
}

/** Returns the commands and assignments in the words of one command. */
export function takesOf(words: readonly string[], shell: Shell, variables: Variables, depth = 0): Take[] {
  const takes: Take[] = [...spacedAssignment(words, variables)];
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    const program = PROGRAM.exec(word)?.[1]?.toLowerCase();
    if (program !== undefined && isCalled(program, next)) {
      const options = words
        .slice(index + 1)
        .map(withoutCommands)
        .map((each) => (/^https?:/.test(each) ? each.replace(/[)`]{1,20}$/, '') : each));
      return [...takes, (draft) => (program === 'curl' ? takeCurl(draft, options) : takeEtcdctl(draft, options))];
    }
    takes.push(...takesOfWord(word, next, { shell, variables, depth }));
  }
  return takes;
}

interface Context {
  readonly shell: Shell;
  readonly variables: Variables;
  readonly depth: number;
}

function takesOfWord(word: string, next: string | undefined, { shell, variables, depth }: Context): Take[] {
  const inner = [...(/\s/.test(word) && PROGRAM_INSIDE.test(word) ? [word] : []), ...commandsIn(word)];
  if (inner.length > 0 && depth < MAX_DEPTH) {
    const takes = inner.flatMap((each) => commandTakes(withoutAlias(each), shell, variables, depth + 1) ?? []);
    if (takes.length > 0) return takes;
  }
  if (isServerOption(word)) return [(draft) => void takeServerOption(draft, word, next)];
  const [, name = '', value = ''] =
    ASSIGNMENT.exec(word.replace(/^(?:--env=|-e=?(?=ETCD)|Environment=|\$env[:.])/i, '')) ?? [];
  return name === '' ? [] : assignment(name, value, variables);
}

/** Removes the name from an alias such as `e=etcdctl …`, which is one word. */
function withoutAlias(word: string): string {
  return word.replace(/^[\w-]{1,60}=(?=\S*(?:curl|etcdctl))/, '');
}

/** Whether a program is called: in prose, its name is followed by other words. */
function isCalled(program: string, next: string | undefined): boolean {
  if (next === undefined) return false;
  return next.startsWith('-') || hasMark(next) || (program === 'curl' ? /[:/.]/.test(next) : SUBCOMMAND.test(next));
}

function assignment(name: string, written: string, variables: Variables): Take[] {
  const value = withoutCommands(written);
  if (!hasMark(value)) variables.set(name, value);
  return name.startsWith('ETCD') ? [(draft) => void takeVariable(draft, name, value)] : [];
}

/** Reads `set -x NAME value`, `setenv NAME value`, `ENV NAME value` and similar ones. */
function spacedAssignment(words: readonly string[], variables: Variables): Take[] {
  const [command = '', ...rest] = words;
  if (!ASSIGNING.has(command)) return [];
  const [name, ...values] = rest.filter((each) => !/^(?:--?\w+|\/m)$/i.test(each));
  if (name === undefined || values.length === 0 || !/^[A-Za-z_]\w*$/.test(name)) return [];
  const separator = /ENDPOINTS|URLS/.test(name) ? ',' : ' ';
  return assignment(name, values.join(separator), variables);
}

/** Reports a text that names a program but cannot be read. */
export function unclosed(line: string): Take {
  const [first = ''] = line.split(/\s/);
  const shown = /^[\w./\\-]{1,40}$/.test(first) ? first : '';
  return (draft) => draft.note(t('A quotation mark is not closed: {0}', `${shown} …`));
}
