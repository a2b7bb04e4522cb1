import { applyChange } from '../../../../src/documents/keptBytes/appliedChange.ts';
import {
  endAll,
  linesOf,
  textOf,
  type TextChange,
  type Line,
  type LineEnd,
} from '../../../../src/documents/keptBytes/lines.ts';
import type { Edit, Edited } from '../../../../src/documents/keptBytes/typedText.ts';

interface EditOptions {
  readonly isAtCursor?: boolean | undefined;
  readonly hasMoved?: boolean;
  readonly isInSave?: boolean;
  readonly isUndoOrRedo?: boolean;
}

/** Behaves as VS Code's documents do: all lines of a document end in the same way. */
export class Editor {
  readonly base: string;
  readonly eol: LineEnd;
  readonly edits: Edit[] = [];
  #lines: Line[];

  constructor(base: string) {
    this.base = base;
    const ends = linesOf(base).map(({ end }) => end);
    const count = (wanted: string) => ends.filter((end) => end === wanted).length;
    this.eol = count('\r\n') > count('\n') + count('\r') ? '\r\n' : '\n';
    this.#lines = endAll(linesOf(base), this.eol);
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** The edited document, as it would be saved. */
  get edited(): Edited {
    return { base: this.base, eol: this.eol, edits: this.edits, shown: textOf(this.#lines) };
  }

  /** Types in the way of a person, whose cursor moves. */
  type(line: number, character: number, text: string, deleted = 0): void {
    const start = { line, character };
    this.edit([{ start, end: { line, character: character + deleted }, text }], { isAtCursor: true, hasMoved: true });
  }

  edit(changes: readonly TextChange[], options: EditOptions = {}): void {
    if (changes.length === 0) return;
    const defaults = { isAtCursor: false, hasMoved: false, isInSave: false, isUndoOrRedo: false };
    this.edits.push({ changes, eol: this.eol, ...defaults, ...options });
    for (const change of changes) applyChange(this.#lines, change, this.eol);
    this.#lines = endAll(this.#lines, this.eol);
  }

  /** Converts all line ends, as the status bar offers. */
  convert(eol: LineEnd): void {
    this.edits.push({ changes: [], eol, isAtCursor: false, hasMoved: false, isInSave: false, isUndoOrRedo: false });
    this.#lines = endAll(this.#lines, eol);
  }

  trimTrailingWhitespace(): void {
    const changes = this.#lines.flatMap(({ text }, line): TextChange[] => {
      const { length } = text.replace(/[ \t]+$/, '');
      if (length === text.length) return [];
      return [{ start: { line, character: length }, end: { line, character: text.length }, text: '' }];
    });
    this.edit(changes.toReversed());
  }

  /** The cursor stays, and may be just there. */
  insertFinalNewline(isAtCursor = false): void {
    const last = this.#end;
    if (this.#lines.at(-1)?.text !== '') this.edit([{ start: last, end: last, text: this.eol }], { isAtCursor });
  }

  trimFinalNewlines(): void {
    const filled = this.#lines.findLastIndex(({ text }) => text !== '');
    const line = Math.min(filled + 1, this.#lines.length - 1);
    if (line < this.#lines.length - 1) this.edit([{ start: { line, character: 0 }, end: this.#end, text: '' }]);
  }

  get #end(): { readonly line: number; readonly character: number } {
    const line = this.#lines.length - 1;
    return { line, character: this.#lines[line]?.text.length ?? 0 };
  }
}
