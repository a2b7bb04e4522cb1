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
  type TextChange,
  type Line,
  type LineEnd,
} from './lines.ts';
import { withEndsOf } from './matchedLines.ts';

/** An edit of a document, as VS Code reports it. */
export interface Edit {
  readonly changes: readonly TextChange[];
  /** The document's line end after the edit. */
  readonly eol: LineEnd;
  readonly isUndoOrRedo: boolean;
  /** Whether each change touched a cursor or a selection of an editor; undefined if no editor shows the document. */
  readonly isAtCursor: boolean | undefined;
  /** Whether a cursor moved afterwards, before the next edit. */
  readonly hasMoved: boolean;
  /** Whether it happened after VS Code announced a save, and before it began to write. */
  readonly isInSave: boolean;
}

/** The changes that VS Code may make by itself when it saves a document. */
export interface SaveSettings {
  readonly trimTrailingWhitespace: boolean;
  readonly insertFinalNewline: boolean;
  readonly trimFinalNewlines: boolean;
  /** Whether a formatter or code actions run. */
  readonly formats: boolean;
}

/** A document: the value that it began with, the edits since then, and the text that it shows. */
export interface Edited {
  /** The text of the value that the document began with. */
  readonly base: string;
  /** The document's line end at that time. */
  readonly eol: LineEnd;
  /** The unsaved text that it showed before the edits, if others came before. */
  readonly start?: string | undefined;
  readonly edits: readonly Edit[];
  readonly shown: string;
  /** Converts a text to what the document shows, if that differs. */
  readonly display?: (text: string) => string;
}

export interface TypedText {
  /** The text that was typed, with the line ends of the value it began from. */
  readonly text: string;
  /** Whether settings made further changes that `text` does not have. */
  readonly isLess: boolean;
  /** Whether the last edits may be a formatter's. */
  readonly isUnsure: boolean;
  /** Whether the edits explain all of the document's text; if not, the text was compared line by line. */
  readonly isExplained: boolean;
}

/**
 * Finds out which part of a document's text was typed. VS Code does not report which edits come from its settings, so
 * they are recognized: they do what a setting does, and no cursor moves with them.
 * @param isFormatted whether the last edits are a formatter's, where that is unclear
 */
export function typedText(
  { base, eol, start, edits, shown, display = (text) => text }: Edited,
  settings: SaveSettings,
  isFormatted: boolean,
): TypedText {
  const before = linesOf(base);
  const began = start === undefined ? before : withEndsOf(before, linesOf(start), eol);
  const replayed = replay(began, eol, { edits, settings, isFormatted });
  // Compared line by line, because a carriage return before an empty line would merge with the line's own end.
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
  /** Author of the edits that were left out so far. */
  let apart: 'setting' | 'other' | undefined;
  const unsure = settings.formats ? edits.slice(edits.findLastIndex((edit) => !mayBeFormatted(edit)) + 1) : [];
  for (const edit of edits) {
    if (edit.eol !== usual) {
      [shown, typed, usual] = [endAll(shown, edit.eol), endAll(typed, edit.eol), edit.eol];
      continue;
    }
    const author = isFormatted && unsure.includes(edit) ? 'other' : authorOf(shown, edit, settings);
    const isTyped = author === 'person';
    // After a failed save, the changes by settings stay separate from later typing as long as positions agree. Changes
    // by others may be anywhere, so their positions prove nothing.
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

/** Determines who made an edit: a person, a setting, or another extension while VS Code saves. */
function authorOf(lines: readonly Line[], edit: Edit, settings: SaveSettings): 'person' | 'setting' | 'other' {
  if (edit.isUndoOrRedo) return 'person';
  if (doesWhatASettingDoes(lines, edit, settings))
    return edit.isAtCursor === true && edit.hasMoved ? 'person' : 'setting';
  // A person may type while VS Code saves, and nothing typed may be lost.
  return edit.isInSave && edit.isAtCursor !== true ? 'other' : 'person';
}

function doesWhatASettingDoes(lines: readonly Line[], edit: Edit, settings: SaveSettings): boolean {
  return (
    (settings.trimTrailingWhitespace && edit.changes.every((change) => trimsLine(lines, change))) ||
    (settings.insertFinalNewline && addsFinalNewline(lines, edit)) ||
    (settings.trimFinalNewlines && trimsFinalNewlines(lines, edit))
  );
}

function trimsLine(lines: readonly Line[], change: TextChange): boolean {
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
