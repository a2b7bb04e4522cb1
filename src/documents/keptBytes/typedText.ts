import { withLineFeeds } from '../../etcd/lineFeeds.ts';
import { applyChange } from './appliedChange.ts';
import {
  endAll,
  has,
  isEndOf,
  isSameText,
  linesOf,
  textIn,
  textOf,
  type Change,
  type Line,
  type LineEnd,
} from './lines.ts';
import { withEndsOf } from './matchedLines.ts';

/** What VS Code says of an edit of a document. */
export interface Edit {
  readonly changes: readonly Change[];
  /** The line end of the document after it. */
  readonly eol: LineEnd;
  readonly isUndoOrRedo: boolean;
  /** Whether each change touched a cursor or a selection of an editor; undefined if no editor shows the document. */
  readonly isAtCursor: boolean | undefined;
  /** Whether a cursor moved afterwards, before the next edit. */
  readonly hasMoved: boolean;
  /** Whether it happened after VS Code announced a save, and before it began to write. */
  readonly isInSave: boolean;
}

/** What VS Code may change by itself when it saves a document. */
export interface SaveSettings {
  readonly trimTrailingWhitespace: boolean;
  readonly insertFinalNewline: boolean;
  readonly trimFinalNewlines: boolean;
  /** Whether a formatter or code actions run. */
  readonly formats: boolean;
}

/** A document: what it began with, what was done since, and what it shows. */
export interface Edited {
  /** The text of the value that it began with. */
  readonly base: string;
  /** Its line end then. */
  readonly eol: LineEnd;
  /** The unsaved text that it showed before the edits, if others came before. */
  readonly start?: string | undefined;
  readonly edits: readonly Edit[];
  readonly shown: string;
  /** What the document shows of a text, if that is not the text itself. */
  readonly display?: (text: string) => string;
}

export interface TypedText {
  /** The text that was typed, with the line ends of the value it began from. */
  readonly text: string;
  /** Whether settings changed more than that, which `text` lacks. */
  readonly isLess: boolean;
  /** Whether the last edits may be a formatter's. */
  readonly isUnsure: boolean;
  /** Whether the edits lead to what the document shows; otherwise only lines were compared. */
  readonly isExplained: boolean;
}

/**
 * Finds out what of a document's text was typed. VS Code does not say which edits come from its settings, so those are
 * recognized: they do what a setting does, and no cursor moves with them.
 * @param isFormatted whether the last edits are a formatter's where that is unsure
 */
export function typedText(
  { base, eol, start, edits, shown, display = (text) => text }: Edited,
  settings: SaveSettings,
  isFormatted: boolean,
): TypedText {
  const before = linesOf(base);
  const began = start === undefined ? before : withEndsOf(before, linesOf(start), eol);
  const replayed = replay(began, eol, { edits, settings, isFormatted });
  // Line by line: a carriage return before an empty line would be taken for one end with the line's own.
  if (display(textOf(endAll(replayed.shown, '\n'))) !== withLineFeeds(shown)) {
    const text = textOf(withEndsOf(before, linesOf(shown), eol));
    return { text, isLess: false, isUnsure: false, isExplained: false };
  }
  const { typed, isUnsure } = replayed;
  return { text: textOf(typed), isLess: !isSameText(typed, replayed.shown), isUnsure, isExplained: true };
}

interface Play {
  readonly edits: readonly Edit[];
  readonly settings: SaveSettings;
  readonly isFormatted: boolean;
}

function replay(base: readonly Line[], eol: LineEnd, { edits, settings, isFormatted }: Play) {
  let [shown, typed, usual] = [[...base], [...base], eol];
  /** Whose edits were left out so far. */
  let apart: 'setting' | 'other' | undefined;
  const unsure = settings.formats ? edits.slice(edits.findLastIndex((edit) => !mayBeFormatted(edit)) + 1) : [];
  for (const edit of edits) {
    if (edit.eol !== usual) {
      [shown, typed, usual] = [endAll(shown, edit.eol), endAll(typed, edit.eol), edit.eol];
      continue;
    }
    const author = isFormatted && unsure.includes(edit) ? 'other' : authorOf(shown, edit, settings);
    const isTyped = author === 'person';
    // After a save that failed, what settings did stays apart from what is typed then, as far as places agree. What
    // others did may be anywhere, so that places say nothing.
    const isTogether: boolean = isTyped && apart !== undefined && (apart === 'other' || !agrees(typed, edit));
    for (const change of edit.changes) {
      applyChange(shown, change, usual);
      if (isTyped) applyChange(typed, change, usual);
    }
    if (isTogether) [typed, apart] = [[...shown], undefined];
    if (!isTyped) apart = apart === 'other' ? apart : author;
  }
  return { shown, typed, isUnsure: unsure.length > 0 };
}

function mayBeFormatted({ isUndoOrRedo, isAtCursor, isInSave }: Edit): boolean {
  return !isUndoOrRedo && isAtCursor === false && !isInSave;
}

/** Whether an edit means the same in the text that was typed. */
function agrees(typed: readonly Line[], { changes, isUndoOrRedo }: Edit): boolean {
  return !isUndoOrRedo && changes.every(({ start, end }) => has(typed, start) && has(typed, end));
}

/** Tells who made an edit: a person, a setting, or another extension while VS Code saves. */
function authorOf(lines: readonly Line[], edit: Edit, settings: SaveSettings): 'person' | 'setting' | 'other' {
  if (edit.isUndoOrRedo) return 'person';
  if (doesWhatASettingDoes(lines, edit, settings))
    return edit.isAtCursor === true && edit.hasMoved ? 'person' : 'setting';
  // Somebody may type while VS Code saves, and nothing typed is lost.
  return edit.isInSave && edit.isAtCursor !== true ? 'other' : 'person';
}

function doesWhatASettingDoes(lines: readonly Line[], edit: Edit, settings: SaveSettings): boolean {
  return (
    (settings.trimTrailingWhitespace && edit.changes.every((change) => trimsLine(lines, change))) ||
    (settings.insertFinalNewline && addsFinalNewline(lines, edit)) ||
    (settings.trimFinalNewlines && trimsFinalNewlines(lines, edit))
  );
}

function trimsLine(lines: readonly Line[], change: Change): boolean {
  const { start, end, text } = change;
  const line = lines[start.line]?.text;
  if (text !== '' || line === undefined || start.line !== end.line || end.character !== line.length) return false;
  return /^[ \t]+$/.test(textIn(lines, change)) && !/[ \t]$/.test(line.slice(0, start.character));
}

function addsFinalNewline(lines: readonly Line[], { changes: [change, ...others] }: Edit): boolean {
  if (!change || others.length > 0 || !/^\r?\n$/.test(change.text)) return false;
  return textIn(lines, change) === '' && isEndOf(lines, change.start) && lines.at(-1)?.text !== '';
}

function trimsFinalNewlines(lines: readonly Line[], { changes: [change, ...others] }: Edit): boolean {
  if (!change || others.length > 0 || change.text !== '' || !isEndOf(lines, change.end)) return false;
  return /^\n+$/.test(textIn(lines, change));
}
