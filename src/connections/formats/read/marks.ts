/**
 * Marks. Readers of shell text replace everything that a shell would compute by marks. So a `$` inside single quotes
 * stays a character of a password, while an unquoted one never becomes part of a value.
 */
const VARIABLE = '\uE000';
const COMMAND = '\uE001';
const END = '\uE002';

const MARK = /([\uE000\uE001])([^\uE002]*)\uE002/g;
const NAME = String.raw`[A-Za-z_]\w{0,99}`;
const WRITTEN = new RegExp(
  String.raw`\$\$|\$\(([^()\n]{0,500})\)|\$\{(${NAME})(?::?([-=?+])([^}\n]{0,500}))?\}|\$(?:env:)?(${NAME})`,
  'gi',
);

/** Removes the characters that marks consist of. */
export function unmarked(text: string): string {
  return text.replaceAll(/[\uE000-\uE002]/g, '\uFFFD');
}

export function variableMark(name: string): string {
  return `${VARIABLE}${name}${END}`;
}

export function commandMark(command: string): string {
  return `${COMMAND}${command}${END}`;
}

/** Replaces variables and commands by marks, except variables with a known value, in text that no shell reads. */
export function marked(text: string, lookUp: (name: string) => string | undefined = () => undefined): string {
  return text.replaceAll(
    WRITTEN,
    (all, command?: string, braced?: string, sign?: string, fallback?: string, bare?: string) => {
      if (all === '$$') return '$';
      const name = braced ?? bare;
      if (name === undefined) return commandMark(command ?? '');
      const isDefault = sign === '-' || sign === '=';
      return lookUp(name) ?? (isDefault && fallback ? fallback : variableMark(name));
    },
  );
}

/** Makes marks of commands anonymous, so that spaces and colons in the commands do not separate anything. */
export function withoutCommands(text: string): string {
  return text.replaceAll(MARK, (mark, kind: string) => (kind === COMMAND ? COMMAND + END : mark));
}

export function hasMark(text: string): boolean {
  return text.includes(END);
}

/** Returns what a marked text contains: a command, or else a variable. */
export function marksIn(text: string): {
  readonly variable?: string;
  readonly isWhole: boolean;
  readonly command: boolean;
} {
  const marks = [...text.matchAll(MARK)];
  const variable = marks.find(([, kind]) => kind === VARIABLE)?.[2];
  return {
    command: marks.some(([, kind]) => kind === COMMAND),
    isWhole: marks.length === 1 && marks[0]?.[0] === text,
    ...(variable !== undefined && { variable }),
  };
}

/** Returns the commands in `$(…)` or backticks. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(MARK)].flatMap(([, kind, content = '']) => (kind === COMMAND ? [content] : []));
}

/** Returns a text for messages, with variables as their names and without commands. */
export function withoutMarks(text: string): string {
  return text.replaceAll(MARK, (_, kind: string, content: string) => (kind === VARIABLE ? `$${content}` : '$(…)'));
}
