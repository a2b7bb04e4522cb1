import {
  EndOfLine,
  workspace,
  type Selection,
  type TextEditor,
  type TextDocument,
  type TextDocumentChangeEvent,
  type Uri,
} from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { window } from '../../ui/text/window.ts';
import { movedPlaces, touches } from './cursors.ts';
import type { TextChange, LineEnd, TextPosition } from './lines.ts';
import type { Edit } from './typedText.ts';

/** Limit of a document's recorded edits; beyond it, the document's text replaces them. */
const MAX_EDITS = 20_000;
/** Limit of the characters that a document's recorded edits have inserted. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Limit of the cursors that are followed; VS Code itself has at most 10,000. */
const MAX_CURSORS = 1000;

/** The changes to a document since it last showed the value in etcd. */
export interface EditRecord {
  /** The document's line end and encoding at that time. */
  readonly eol: LineEnd;
  readonly encoding: string;
  /** The value that the document showed at that time; undefined before the first edit. */
  base?: Uint8Array | undefined;
  /** The unsaved text that the document showed before these edits, if there were earlier ones, as before a restart. */
  start?: string;
  edits: RecordedEdit[];
  isDirty: boolean;
  characters: number;
  /** Number of edits when VS Code announced the save that is under way; undefined without one. */
  saveBegan: number | undefined;
  /** Cursors of the editors that show the document, as VS Code last reported them. */
  cursors: ReadonlyMap<TextEditor, readonly Selection[]>;
  /**
   * Index of the first edit since the last report of cursors, and whether VS Code has reported cursors since the last
   * edit.
   */
  batch: number;
  isReported: boolean;
  /** Expected cursors after the last edit; VS Code reports them only after it has made all edits of a key press. */
  expected: readonly TextPosition[];
}

/** An edit while it is still open whether it belongs to a save, which is known only when the save writes. */
type RecordedEdit = Omit<Edit, 'hasMoved' | 'isInSave'> & { hasMoved: boolean };

/** Records how the unsaved texts of keys came about, because VS Code gives a file system only the result. */
export class EditRecorder extends DisposableOwner {
  readonly #scheme: string;
  readonly #baseOf: (uri: Uri) => Uint8Array | undefined;
  /** Records of the open documents, by URI. */
  readonly #records = new Map<string, EditRecord>();

  /**
   * @param scheme of the documents
   * @param baseOf returns the value that a document's text was made from
   */
  constructor(scheme: string, baseOf: (uri: Uri) => Uint8Array | undefined) {
    super();
    this.#scheme = scheme;
    this.#baseOf = baseOf;
    for (const document of workspace.textDocuments) this.#recordOf(document);
    this.own(workspace.onDidOpenTextDocument((document) => this.#recordOf(document)));
    this.own(workspace.onDidChangeTextDocument((event) => this.#note(event)));
    this.own(
      workspace.onDidCloseTextDocument(({ uri, isClosed }) => {
        if (isClosed) this.#records.delete(uri.toString());
      }),
    );
    this.own(
      workspace.onWillSaveTextDocument(({ document }) => {
        const record = this.#recordOf(document);
        if (record) record.saveBegan = record.edits.length;
      }),
    );
    this.own(
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const record = this.get(textEditor.document.uri);
        const before = record?.cursors.get(textEditor);
        if (!record || !before) return;
        // VS Code moves a cursor and puts it back when a setting changes the text before it.
        const hasMoved = !areSame(before, selections);
        for (const edit of record.edits.slice(record.batch)) edit.hasMoved = hasMoved;
        record.isReported = true;
      }),
    );
  }

  get(uri: Uri): EditRecord | undefined {
    return this.#records.get(uri.toString());
  }

  /** Returns the edits of a document that is being written, and ends its save. */
  takeEdits(record: EditRecord): readonly Edit[] {
    const { edits, saveBegan = edits.length } = record;
    record.saveBegan = undefined;
    return edits.map((edit, index) => ({ ...edit, isInSave: index >= saveBegan }));
  }

  #recordOf(document: TextDocument): EditRecord | undefined {
    if (document.uri.scheme !== this.#scheme) return undefined;
    const name = document.uri.toString();
    const record = this.#records.get(name) ?? begin(document);
    this.#records.set(name, record);
    return record;
  }

  /**
   * Records an edit. VS Code reports an edit of a clean document before it reports that the document has unsaved
   * changes.
   */
  #note({ document, contentChanges, reason }: TextDocumentChangeEvent): void {
    let record = this.#recordOf(document);
    if (!record) return;
    if (contentChanges.length === 0) {
      if (document.isDirty) noteDirty(record, document);
      else this.#records.set(document.uri.toString(), begin(document));
      return;
    }
    // A change of a document that stayed clean was not an edit: VS Code has read the document again.
    if (!record.isDirty && record.edits.length > 0) {
      record = begin(document);
      this.#records.set(document.uri.toString(), record);
    }
    if (record.edits.length === 0) record.base ??= this.#baseOf(document.uri);
    if (record.isReported) [record.batch, record.isReported] = [record.edits.length, false];
    const editors = window.visibleTextEditors.filter((editor) => editor.document === document);
    record.cursors = new Map(editors.map((editor) => [editor, editor.selections]));
    const changes = contentChanges.map(({ range: { start, end }, text }) => ({ start, end, text }));
    const isAtCursor = changesAtCursor(record, contentChanges);
    const isUndoOrRedo = reason !== undefined;
    record.edits.push({ changes, eol: lineEndOf(document), isUndoOrRedo, isAtCursor, hasMoved: false });
    record.expected = expectedCursors(record, changes, isAtCursor === true);
    for (const { text } of contentChanges) record.characters += text.length;
    if (record.edits.length > MAX_EDITS || record.characters > MAX_CHARACTERS) beginAgain(record, document);
  }
}

function begin(document: TextDocument): EditRecord {
  const { encoding, isDirty } = document;
  const eol = lineEndOf(document);
  const state = { isDirty, characters: 0, saveBegan: undefined };
  const cursors = { cursors: new Map(), batch: 0, isReported: false, expected: [] };
  return { eol, encoding, edits: [], ...state, ...cursors, ...(isDirty && { start: document.getText() }) };
}

/** Notes that a document has unsaved text, which it may have had before this window. */
function noteDirty(record: EditRecord, document: TextDocument): void {
  if (!record.isDirty && record.edits.length === 0) record.start = document.getText();
  record.isDirty = true;
}

function beginAgain(record: EditRecord, document: TextDocument): void {
  [record.start, record.edits, record.characters, record.batch] = [document.getText(), [], 0, 0];
  if (record.saveBegan !== undefined) record.saveBegan = 0;
}

function lineEndOf({ eol }: TextDocument): LineEnd {
  return eol === EndOfLine.CRLF ? '\r\n' : '\n';
}

/** Whether each change touches a cursor, present or expected; undefined if no editor shows the document. */
function changesAtCursor(
  { cursors, expected }: EditRecord,
  changes: TextDocumentChangeEvent['contentChanges'],
): boolean | undefined {
  if (cursors.size === 0) return undefined;
  const reported = [...cursors.values()].flat();
  return changes.every(
    ({ range, text }) =>
      reported.some((cursor) => range.intersection(cursor) !== undefined) ||
      expected.some((place) => touches({ start: range.start, end: range.end, text }, place)),
  );
}

/**
 * Returns the expected cursors after an edit: behind the typed text or, after an edit by others, where that moved them.
 */
function expectedCursors(
  { cursors, expected }: EditRecord,
  changes: readonly TextChange[],
  isTyped: boolean,
): TextPosition[] {
  const reported = [...cursors.values()].flatMap((selections) => selections.map(({ active }) => active));
  const places = isTyped ? changes.map(({ end }) => end) : [...reported, ...expected];
  return movedPlaces(places.slice(0, MAX_CURSORS), changes);
}

function areSame(one: readonly Selection[], other: readonly Selection[]): boolean {
  return one.length === other.length && one.every((each, index) => other[index] && each.isEqual(other[index]));
}
