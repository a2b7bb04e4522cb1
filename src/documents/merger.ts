import {
  EndOfLine,
  EventEmitter,
  FileSystemError,
  Range,
  Uri,
  WorkspaceEdit,
  commands,
  l10n,
  workspace,
  type TextDocument,
} from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import { confirm } from '../ui/confirm.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import type { DocumentBase } from './documentBases.ts';
import type { KeyFileSystem } from './keyFileSystem.ts';
import { keyUriParts, type KeyAddress } from './keyUri.ts';
import { MergeFileSystem, type MergeResult } from './mergeFileSystem.ts';
import { mergeUriParts } from './mergeUri.ts';
import { openConflicts } from './openConflicts.ts';
import { isText } from './textValue.ts';

/** VS Code's own merge editor, opened as its git extension opens it. */
const OPEN_MERGE_EDITOR = '_open.mergeEditor';

/** What became of a command to merge. */
export type MergeStart =
  /** The merge editor is open: its result is written when it is completed. */
  | 'merging'
  /** What the text was made from is not known any more: a diff with the text to be edited is open. */
  | 'comparing'
  | 'nothingUnsaved'
  /** The text was made from what etcd has now. */
  | 'nothingNew';

/** What a merge that has ended left to be done in its document. */
export interface MergeLeft {
  readonly uri: Uri;
  /**
   * `conflict`: it met a still newer version, nothing was written; its text is in the document, to be merged again.
   * `edited`: it was written, but the document was edited meanwhile and still has that text.
   */
  readonly why: 'conflict' | 'edited';
}

/** Merges unsaved text of a document with the newer version of its key. */
export class Merger extends DisposableOwner {
  readonly files: MergeFileSystem;
  readonly #storeFor: (connectionId: string) => Promise<KeyStore>;
  readonly #keyFiles: KeyFileSystem;
  /** The documents' versions when their merges began. */
  readonly #begun = new Map<string, number>();
  readonly #left = this.own(new EventEmitter<MergeLeft>());
  /** A merge ended with something left to do. */
  readonly onDidLeave = this.#left.event;

  constructor(storeFor: (connectionId: string) => Promise<KeyStore>, keyFiles: KeyFileSystem) {
    super();
    this.#storeFor = storeFor;
    this.#keyFiles = keyFiles;
    this.files = this.own(new MergeFileSystem(storeFor, (result) => this.#write(result)));
  }

  /** @throws EtcdError where the key was deleted, or is no text any more */
  async begin(address: KeyAddress): Promise<MergeStart> {
    const uri = Uri.from(keyUriParts(address));
    const document = await workspace.openTextDocument(uri);
    if (!document.isDirty) return 'nothingUnsaved';
    const store = await this.#storeFor(address.connectionId);
    const { kv: theirs } = await store.get(address.key);
    if (!theirs)
      throw new EtcdError(
        'notFound',
        l10n.t('{0} was deleted in etcd. Save again to create it anew, or revert.', keyText(address.key)),
      );
    if (!isText(theirs.value))
      throw new EtcdError(
        'unsupported',
        l10n.t('{0} is binary in etcd now: text cannot be merged with it.', keyText(address.key)),
      );
    const base = this.#keyFiles.bases.get(uri);
    if (base?.modRevision === theirs.modRevision) return 'nothingNew';
    this.files.keep(address, theirs.modRevision, theirs.value);
    const theirUri = Uri.from(mergeUriParts({ ...address, part: 'version', modRevision: theirs.modRevision }));
    const baseValue = base && (base.value ?? (await valueAt(store, address.key, base)));
    if (!base || !baseValue || !(await commands.getCommands()).includes(OPEN_MERGE_EDITOR)) {
      const title = l10n.t('{0} (in etcd ↔ yours)', keyText(address.key));
      await commands.executeCommand('vscode.diff', theirUri, uri, title);
      return 'comparing';
    }
    this.files.keep(address, base.modRevision, baseValue);
    this.#begun.set(uri.toString(), document.version);
    const revision = (modRevision: bigint) => l10n.t('revision {0}', String(modRevision));
    await commands.executeCommand(OPEN_MERGE_EDITOR, {
      base: Uri.from(mergeUriParts({ ...address, part: 'version', modRevision: base.modRevision })),
      input1: { uri: theirUri, title: l10n.t('In etcd'), description: revision(theirs.modRevision) },
      input2: {
        uri,
        title: l10n.t('Your text'),
        description: l10n.t('unsaved, begun at {0}', revision(base.modRevision)),
      },
      output: Uri.from(mergeUriParts({ ...address, part: 'result', modRevision: theirs.modRevision })),
    });
    // VS Code's message about the refused save would cover the editor.
    await commands.executeCommand('notifications.hideToasts');
    return 'merging';
  }

  async #write({ connectionId, key, modRevision, content }: MergeResult): Promise<void> {
    const uri = Uri.from(keyUriParts({ connectionId, key }));
    const document = await workspace.openTextDocument(uri);
    const text = withLineEnds(textOf(content), document.eol);
    const bytes = new TextEncoder().encode(text);
    await this.#checkConflicts(uri, { connectionId, key }, modRevision, document.getText(), text);
    const isUntouched = this.#begun.get(uri.toString()) === document.version;
    const outcome = await this.#keyFiles.writeMerged(uri, bytes, modRevision);
    this.#begun.delete(uri.toString());
    if (outcome === 'conflict') {
      // Nothing of the work is lost: merging it again finds in it what it has taken over already.
      await replaceText(document, text);
      this.#left.fire({ uri, why: 'conflict' });
    } else if (isUntouched || !document.isDirty) void adopt(document, text);
    else this.#left.fire({ uri, why: 'edited' });
  }

  /** @throws FileSystemError where conflicts are open, and the user did not mean that */
  async #checkConflicts(
    uri: Uri,
    address: KeyAddress,
    modRevision: bigint,
    mine: string,
    result: string,
  ): Promise<void> {
    const base = this.#keyFiles.bases.get(uri);
    const baseValue = base && (base.value ?? (await this.files.read(address, base.modRevision)));
    if (!baseValue) return;
    const [baseText, theirs] = [textOf(baseValue), textOf(await this.files.read(address, modRevision))];
    const open = openConflicts({ base: baseText, theirs, mine }, result);
    if (open === 0) return;
    const message = l10n.t('Save {0} although conflicts are left open ({1})?', keyText(address.key), open);
    const detail = l10n.t(
      'There the text is as it was before both changes: neither yours nor the one in etcd is kept.',
    );
    if (await confirm(message, detail, l10n.t('Save'))) return;
    throw FileSystemError.NoPermissions(l10n.t('Conflicts are left open. Nothing was written.'));
  }
}

/** Has a document take over the text that was written already; its save finds nothing to write. */
async function adopt(document: TextDocument, text: string): Promise<void> {
  await replaceText(document, text);
  await document.save();
}

async function replaceText(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(0, 0, document.lineCount, 0), text.replace(/^\ufeff/, ''));
  if (!(await workspace.applyEdit(edit)))
    throw new FileSystemError(l10n.t('The merged text could not be put into its document.'));
}

/** The value that a text was made from, where etcd still has it. */
async function valueAt(
  store: KeyStore,
  key: Uint8Array,
  { modRevision }: DocumentBase,
): Promise<Uint8Array | undefined> {
  if (!store.capabilities.history) return undefined;
  try {
    return (await store.get(key, { revision: modRevision })).kv?.value;
  } catch (error) {
    if (EtcdError.is(error, 'compacted')) return undefined;
    throw error;
  }
}

function textOf(value: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
}

/** The merge editor writes the line ends of the machine; a document keeps its own. */
function withLineEnds(text: string, eol: EndOfLine): string {
  const lines = text.replaceAll(/\r\n?/g, '\n');
  return eol === EndOfLine.CRLF ? lines.replaceAll('\n', '\r\n') : lines;
}
