import type { TextChange, Line, LineEnd } from './lines.ts';
import { withEndsOf } from './matchedLines.ts';

/**
 * Applies a change in place. If a line is split, both parts keep its line end. A new line at the end of a text ends as
 * the line before it. If several lines are replaced, the lines that stay keep their ends.
 * @param usual the line end in a text that has none yet
 */
export function applyChange(lines: Line[], { start, end, text }: TextChange, usual: LineEnd): void {
  const [first, last] = [lines[start.line], lines[end.line]];
  if (!first || !last) return;
  const lineEnd = last.end || first.end || lines[start.line - 1]?.end || usual;
  const parts = text.split(/\r\n|\r|\n/);
  const added = parts.map((part, index): Line => {
    const isLast = index === parts.length - 1;
    const before = index === 0 ? first.text.slice(0, start.character) : '';
    const after = isLast ? last.text.slice(end.character) : '';
    return { text: before + part + after, end: isLast ? last.end : lineEnd };
  });
  const replaced = lines.slice(start.line, end.line + 1);
  const ended = replaced.length > 1 && added.length > 1 ? withEndsOf(replaced, added, usual) : added;
  lines.splice(start.line, replaced.length, ...ended.slice(0, -1), ...added.slice(-1));
}
