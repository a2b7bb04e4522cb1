/** A line of a value: its text and its line end, which is empty only in the last line. */
export interface Line {
  readonly text: string;
  readonly end: LineEnd | '';
}

export type LineEnd = '\n' | '\r\n' | '\r';

/** Position of a change in the text before it, as a line and a column from 0. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** One replaced range of a document. VS Code orders the changes of an edit so that each can be applied after the one before. */
export interface TextChange {
  readonly start: TextPosition;
  readonly end: TextPosition;
  readonly text: string;
}

/** Splits a text where VS Code does. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push({ text: text.slice(at, index), end: isLineEnd(end) ? end : '\n' });
    at = index + end.length;
  }
  lines.push({ text: text.slice(at), end: '' });
  return lines;
}

function isLineEnd(text: string): text is LineEnd {
  return text === '\n' || text === '\r\n' || text === '\r';
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join('');
}

/** Whether two texts are the same to VS Code, which does not distinguish line ends within a document. */
export function isSameText(one: readonly Line[], other: readonly Line[]): boolean {
  return one.length === other.length && one.every(({ text }, index) => text === other[index]?.text);
}

/** Whether a position exists in a text. */
export function has(lines: readonly Line[], { line, character }: TextPosition): boolean {
  const there = lines[line];
  return there !== undefined && character <= there.text.length;
}

/** The text of a range, with `\n` between its lines. */
export function textIn(lines: readonly Line[], { start, end }: TextChange): string {
  if (start.line === end.line) return (lines[start.line]?.text ?? '').slice(start.character, end.character);
  const between = lines.slice(start.line + 1, end.line).map(({ text }) => text);
  const first = (lines[start.line]?.text ?? '').slice(start.character);
  return [first, ...between, (lines[end.line]?.text ?? '').slice(0, end.character)].join('\n');
}

/** Ends all lines in the same way. */
export function endAll(lines: readonly Line[], end: LineEnd): Line[] {
  return lines.map((line) => (line.end === '' ? line : { ...line, end }));
}

export function isEndOf(lines: readonly Line[], { line, character }: TextPosition): boolean {
  return line === lines.length - 1 && character === lines[line]?.text.length;
}
