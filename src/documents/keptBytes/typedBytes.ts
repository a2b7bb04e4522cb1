import { l10n, workspace, type TextDocument } from 'vscode';
import { withLineFeeds } from '../../etcd/lineFeeds.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { confirmOr } from '../../ui/confirm.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { canceledSave } from '../../ui/canceledSave.ts';
import type { EditRecord } from './editRecorder.ts';
import { isUtf8 } from './utf8Documents.ts';
import { bytesOf, inOtherEncoding } from './otherEncoding.ts';
import { typedText, type Edit, type Edited, type SaveSettings } from './typedText.ts';

// See docs/contributing/decisions/documents.md

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

export interface TypedBytes {
  readonly value: Uint8Array;
  /** Whether VS Code's settings made further changes that `value` does not have. */
  readonly isLess: boolean;
  /** Whether the document shows `value`. */
  readonly isShown: boolean;
}

export interface Save {
  readonly document: TextDocument;
  /** The bytes that VS Code would write. */
  readonly content: Uint8Array;
  /** The value that the document began with. */
  readonly base: Uint8Array;
  readonly record: EditRecord;
  readonly edits: readonly Edit[];
  /** The key, for a question. */
  readonly key: Uint8Array;
  /** Answers to the question whether a formatter's edits are written; asked if there is none. */
  readonly formatted: Map<string, boolean>;
}

/**
 * Reduces what VS Code would write to what was typed: lines that nobody touched keep their bytes and line ends, and the
 * text is UTF-8.
 * @throws FileSystemError if the document does not show which bytes were typed, or if the user cancels the question
 */
export async function typedBytes(save: Save): Promise<TypedBytes> {
  const settings = settingsOf(save.document);
  const edited = await editedText(save, settings);
  let typed = typedText(edited, settings, false);
  if (typed.isUnsure && (await isFormatted(save))) typed = typedText(edited, settings, true);
  const value = marked(bytesOf(typed.text), save);
  const isShown = withLineFeeds(new TextDecoder().decode(value)) === withLineFeeds(edited.shown);
  return { value, isLess: typed.isLess, isShown };
}

/** Returns a document's edits of its value in the encoding that the document shows, which may not be UTF-8. */
async function editedText({ document, content, base, record, edits }: Save, settings: SaveSettings): Promise<Edited> {
  const isExplained = (edited: Edited) => typedText(edited, settings, false).isExplained;
  const { eol, start } = record;
  const shown = await decoded(content, document.encoding);
  const asUtf8 = { base: new TextDecoder().decode(base), eol, start, edits, shown };
  const configured = workspace.getConfiguration('files', document).get('encoding', 'utf8');
  const others = [...new Set([record.encoding, document.encoding, configured])].filter((each) => !isUtf8(each));
  const isAscii = base.every((byte) => byte < 0x80);
  if (isAscii || others.length === 0 || isExplained(asUtf8)) return asUtf8;
  for (const encoding of others) {
    const other = await inOtherEncoding(base, encoding);
    const edited = other && { ...asUtf8, base: other.text, display: other.display };
    if (edited && isExplained(edited)) return edited;
  }
  throw FileSystemError.NoPermissions(
    l10n.t(
      'The value is UTF-8, but this document shows it in another encoding ({0}). Nothing was written: copy your text, then use Reopen with Encoding.',
      others.join(', '),
    ),
  );
}

async function decoded(content: Uint8Array, encoding: string): Promise<string> {
  return isUtf8(encoding) ? new TextDecoder().decode(content) : await workspace.decode(content, { encoding });
}

/** Keeps the byte order mark as it was, unless the user has saved with another one. */
function marked(bytes: Uint8Array, { document, base, record }: Save): Uint8Array {
  const isChosen = document.encoding !== record.encoding && isUtf8(document.encoding) && isUtf8(record.encoding);
  const isMarked = isChosen ? document.encoding === 'utf8bom' : MARK.every((byte, index) => base[index] === byte);
  return isMarked ? Buffer.concat([MARK, bytes]) : bytes;
}

function settingsOf(document: TextDocument): SaveSettings {
  const files = workspace.getConfiguration('files', document);
  const editor = workspace.getConfiguration('editor', document);
  const actions: unknown = editor.get('codeActionsOnSave');
  const hasActions = typeof actions === 'object' && actions !== null && Object.keys(actions).length > 0;
  return {
    trimTrailingWhitespace: files.get('trimTrailingWhitespace', false),
    insertFinalNewline: files.get('insertFinalNewline', false),
    trimFinalNewlines: files.get('trimFinalNewlines', false),
    formats: editor.get('formatOnSave', false) || hasActions,
  };
}

/** Asks once for each document whether a formatter's edits are left out. */
async function isFormatted({ document, key, formatted }: Save): Promise<boolean> {
  const name = document.uri.toString();
  const known = formatted.get(name);
  if (known !== undefined) return known;
  const answer = await confirmOr(
    l10n.t('Save only what you typed into {0}?', keyText(key)),
    l10n.t(
      'Your settings let formatters or code actions change a document when it is saved. They may have changed more.',
    ),
    l10n.t('Save What I Typed'),
    l10n.t('Save Everything'),
  );
  if (answer === undefined) throw canceledSave(l10n.t('You canceled the save. Nothing was written.'));
  formatted.set(name, answer !== 'other');
  return answer !== 'other';
}
