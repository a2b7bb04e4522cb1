import {
  EndOfLine,
  EventEmitter,
  Range,
  Uri,
  WorkspaceEdit,
  commands,
  l10n,
  workspace,
  type TextDocument,
} from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyAt } from '../../etcd/past/keyAt.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { withLineFeeds } from '../../etcd/lineFeeds.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { canceledSave } from '../../ui/canceledSave.ts';
import { confirm } from '../../ui/confirm.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyFileSystem } from '../keyFile/keyFileSystem.ts';
import { formUriParts, type EditedForm, type EditedKey } from '../addresses/keyUri.ts';
import type { KeptVersions } from './keptVersions.ts';
import { MergeFileSystem, type MergeResult, type StoreFor } from './mergeFileSystem.ts';
import { mergeUriParts } from '../addresses/mergeUri.ts';
import { isText } from '../addresses/textValue.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { openDiff } from '../../ui/text/editors.ts';

// See docs/contributing/decisions/documents.md

/** VS Code's own merge editor, opened as its git extension opens it. */
const OPEN_MERGE_EDITOR = '_open.mergeEditor';

/** Limit of remembered merges, because cancelled ones are not reported. */
const MAX_MERGES = 500;

/** Outcome of a command to merge. */
export type MergeStart =
  /** The merge editor is open: its result is written when it is completed. */
  | 'merging'
  /** The base of the text is unknown, so a diff is open in which the text can be edited. */
  | 'comparing'
  | 'nothingUnsaved'
  /** The text was made from the present version. */
  | 'nothingNew';

/** A finished merge that needs more work in its document. */
export interface MergeLeft {
  readonly uri: Uri;
  /**
   * `conflict`: there is a still newer version, and nothing was written; the merged text is in the document, to be
   * merged again.
   * `edited`: the merge was written, but the document was edited meanwhile and still has that text.
   */
  readonly why: 'conflict' | 'edited';
}

/** Merges unsaved text of a document with the newer version of its key. */
export class Merger extends DisposableOwner {
  readonly files: MergeFileSystem;
  readonly #storeFor: StoreFor;
  readonly #versions: KeptVersions;
  readonly #filesOf: (form: EditedForm) => KeyFileSystem;
  /** Versions of the documents when their merges began. */
  readonly #begun = new BoundedMap<string, number>({ entries: MAX_MERGES });
  readonly #left = this.own(new EventEmitter<MergeLeft>());
  /** Fires when a merge ended and needs more work. */
  readonly onDidLeave = this.#left.event;

  constructor(storeFor: StoreFor, filesOf: (form: EditedForm) => KeyFileSystem, versions: KeptVersions) {
    super();
    this.#versions = versions;
    this.#storeFor = storeFor;
    this.#filesOf = filesOf;
    this.files = this.own(new MergeFileSystem(storeFor, versions, (result) => this.#write(result)));
  }

  /** @throws EtcdError if the key was deleted, or is not text any more */
  async begin(address: EditedKey): Promise<MergeStart> {
    const { form = 'text' } = address;
    const uri = Uri.from(formUriParts(address, form));
    const document = await workspace.openTextDocument(uri);
    if (!document.isDirty) return 'nothingUnsaved';
    const store = await this.#storeFor(address.connectionId, form);
    const { kv: theirs } = await store.get(address.key);
    if (!theirs)
      throw new EtcdError(
        'notFound',
        l10n.t('{0} was deleted in etcd. Save again to create it again, or revert.', keyText(address.key)),
      );
    if (!isText(theirs.value))
      throw new EtcdError(
        'unsupported',
        l10n.t('{0} is now binary in etcd and cannot be merged with text.', keyText(address.key)),
      );
    const base = this.#filesOf(form).bases.get(uri);
    if (base?.modRevision === theirs.modRevision) return 'nothingNew';
    this.#versions.keep(address, theirs.modRevision, theirs.value);
    const theirUri = Uri.from(mergeUriParts({ ...address, part: 'version', modRevision: theirs.modRevision }));
    const baseValue = base && (base.value ?? (await keyAt(store, address.key, base.modRevision))?.value);
    if (!base || !baseValue || !(await commands.getCommands()).includes(OPEN_MERGE_EDITOR)) {
      const title = l10n.t('{0} (etcd ↔ Yours)', keyText(address.key));
      await openDiff(theirUri, uri, title);
      return 'comparing';
    }
    this.#versions.keep(address, base.modRevision, baseValue);
    this.#begun.set(uri.toString(), document.version);
    const revision = (modRevision: bigint) => l10n.t('revision {0}', String(modRevision));
    await commands.executeCommand(OPEN_MERGE_EDITOR, {
      base: Uri.from(mergeUriParts({ ...address, part: 'version', modRevision: base.modRevision })),
      input1: { uri: theirUri, title: 'etcd', description: revision(theirs.modRevision) },
      input2: {
        uri,
        title: l10n.t('Yours'),
        description: l10n.t('unsaved, opened at {0}', revision(base.modRevision)),
      },
      output: Uri.from(mergeUriParts({ ...address, part: 'result', modRevision: theirs.modRevision })),
    });
    // VS Code's message about the refused save would cover the editor.
    await commands.executeCommand('notifications.hideToasts');
    return 'merging';
  }

  async #write({ modRevision, content, ...address }: MergeResult): Promise<void> {
    const { form = 'text' } = address;
    const uri = Uri.from(formUriParts(address, form));
    const document = await workspace.openTextDocument(uri);
    const text = withLineEnds(textOf(content), document.eol);
    const bytes = new TextEncoder().encode(text);
    await this.#checkConflicts(uri, address, modRevision, document.getText(), text);
    const isUntouched = this.#begun.get(uri.toString()) === document.version;
    const outcome = await this.#filesOf(form).writeMerged(uri, bytes, modRevision);
    this.#begun.delete(uri.toString());
    if (outcome === 'conflict') {
      // No work is lost: another merge finds what was merged already.
      await replaceText(document, text);
      this.#left.fire({ uri, why: 'conflict' });
    } else if (isUntouched || !document.isDirty) void adopt(document, text);
    else this.#left.fire({ uri, why: 'edited' });
  }

  /** @throws FileSystemError if conflicts are open and the user does not want to leave them */
  async #checkConflicts(
    uri: Uri,
    address: EditedKey,
    modRevision: bigint,
    mine: string,
    result: string,
  ): Promise<void> {
    const base = this.#filesOf(address.form ?? 'text').bases.get(uri);
    const baseValue = base && (base.value ?? (await this.files.read(address, base.modRevision)));
    if (!baseValue) return;
    const [baseText, theirs] = [textOf(baseValue), textOf(await this.files.read(address, modRevision))];
    const { openConflicts } = await import('./openConflicts.ts');
    const open = openConflicts({ base: baseText, theirs, mine }, result);
    if (open === 0) return;
    const [message, detail] =
      open === undefined
        ? [
            l10n.t('Save {0} without checking for unresolved conflicts?', keyText(address.key)),
            l10n.t('The texts differ in too many lines to check them in time.'),
          ]
        : [
            l10n.t('Save {0} with unresolved conflicts ({1})?', keyText(address.key), open),
            l10n.t(
              'In those places the text is as it was before both changes: neither yours nor the one in etcd is kept.',
            ),
          ];
    if (await confirm(message, detail, l10n.t('Save'))) return;
    throw canceledSave(l10n.t('There are unresolved conflicts. Nothing was written.'));
  }
}

/** Makes a document take over text that was written already; its save writes nothing. */
async function adopt(document: TextDocument, text: string): Promise<void> {
  await replaceText(document, text);
  await document.save();
}

async function replaceText(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(0, 0, document.lineCount, 0), text.replace(/^\ufeff/, ''));
  if (!(await workspace.applyEdit(edit)))
    throw FileSystemError.Unknown(l10n.t('The merged text could not be inserted into its document.'));
}

function textOf(value: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
}

/** Converts line ends: the merge editor writes the machine's, a document keeps its own. */
function withLineEnds(text: string, eol: EndOfLine): string {
  const lines = withLineFeeds(text);
  return eol === EndOfLine.CRLF ? lines.replaceAll('\n', '\r\n') : lines;
}
