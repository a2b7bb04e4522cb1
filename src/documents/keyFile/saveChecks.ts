import { l10n, TextDocumentSaveReason, workspace, type TextDocument, type Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { Expectation } from '../../etcd/keyStore.ts';
import { confirm, type Confirmation } from '../../ui/confirm.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { editedForm, VIEW_SCHEME, type KeyAddress } from '../addresses/keyUri.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';
import { canceledSave } from '../../ui/canceledSave.ts';

// See docs/contributing/decisions/documents.md

/** A value that is about to replace another one. */
export interface PendingSave {
  readonly uri: Uri;
  readonly address: KeyAddress;
  readonly content: Uint8Array;
  /** Returns the value in etcd; undefined for a new key. */
  readonly before: () => Promise<Uint8Array | undefined>;
  /** The version that is overwritten. */
  readonly expected: Expectation;
  /** Why it is saved, if VS Code does not say. */
  readonly reason?: TextDocumentSaveReason;
  /** True if no document is saved, but another extension, an agent or an editor of bytes writes. */
  readonly isFromElsewhere?: boolean;
  /** True if the user has just seen what changes. */
  readonly isShown?: boolean;
}

/** Limit of remembered reasons, because a save may end before it reaches its file. */
const MAX_REASONS = 500;

interface Proposed {
  has(uri: Uri): boolean;
}

interface SaveReason {
  readonly reason: TextDocumentSaveReason;
  readonly version: number;
}

/**
 * Stops writes that the user may not want: by auto save, of text that is no longer valid, and without confirmation.
 * Every write to a key as a file passes through here.
 */
export class SaveChecks extends DisposableOwner {
  readonly #connectionOf: (id: string) => Connection | undefined;
  /** VS Code's reason for saving this version of a document; a write without a document has none. */
  readonly #reasons = new BoundedMap<string, SaveReason>({ entries: MAX_REASONS });
  /** Reported faults with which the user has saved each document. */
  readonly #faults = new BoundedMap<string, string>({ entries: MAX_REASONS });

  readonly #ask: (save: PendingSave, connectionName: string) => Promise<Confirmation | undefined>;

  readonly #proposed: Proposed | undefined;

  /**
   * @param ask asks whether to save, if the connection requires a confirmation of each save
   * @param proposed tells whether a language model proposed the text
   */
  constructor(
    connectionOf: (id: string) => Connection | undefined,
    ask: (save: PendingSave, connectionName: string) => Promise<Confirmation | undefined>,
    proposed?: Proposed,
  ) {
    super();
    this.#proposed = proposed;
    this.#connectionOf = connectionOf;
    this.#ask = ask;
    this.own(
      workspace.onWillSaveTextDocument(({ document: { uri, version }, reason }) => {
        if (editedForm(uri.scheme) || uri.scheme === VIEW_SCHEME)
          this.#reasons.set(uri.toString(), { reason, version });
      }),
    );
  }

  /** Notes that VS Code is about to write a document, and will not change it any more. */
  noteLastEdit(uri: Uri): void {
    const reported = this.#reasons.get(uri.toString());
    const version = openDocument(uri)?.version;
    // Formatters and other extensions may have changed it since VS Code gave the reason.
    if (reported && version !== undefined) this.#reasons.set(uri.toString(), { ...reported, version });
  }

  /**
   * @returns the user's yes, if the connection requires one
   * @throws FileSystemError that says why nothing is written; the text stays in its editor
   */
  async check(save: PendingSave): Promise<Confirmation | undefined> {
    const reason = save.reason ?? this.#takeReason(save.uri);
    if (reason === undefined) return await this.#confirm({ ...save, isFromElsewhere: true });
    if (reason === TextDocumentSaveReason.Manual) {
      await this.#checkSyntax(save);
      return await this.#confirm(save);
    }
    this.#checkAutoSave(save);
    return undefined;
  }

  async #confirm(save: PendingSave): Promise<Confirmation | undefined> {
    const connection = this.#connectionOf(save.address.connectionId);
    if (!connection?.insistsOnYes('save')) return undefined;
    const yes = await this.#ask(save, connection.name);
    if (yes) return yes;
    const sentence = l10n.t('Nothing was written, because you did not confirm it. Save again to do so.');
    throw save.isFromElsewhere ? FileSystemError.NoPermissions(sentence) : canceledSave(sentence);
  }

  /**
   * Takes the reason of a save. VS Code gives no reason for its auto save before it closes, which is recognized by its
   * unsaved text.
   */
  #takeReason(uri: Uri): TextDocumentSaveReason | undefined {
    const document = openDocument(uri);
    const reported = this.#reasons.get(uri.toString());
    this.#reasons.delete(uri.toString());
    if (reported && document?.version === reported.version) return reported.reason;
    const isAutomatic = workspace.getConfiguration('files', uri).get('autoSave') !== 'off';
    return document?.isDirty && isAutomatic ? TextDocumentSaveReason.AfterDelay : undefined;
  }

  #checkAutoSave({ uri, address: { connectionId } }: PendingSave): void {
    if (this.#proposed?.has(uri))
      throw FileSystemError.NoPermissions(l10n.t('Auto save writes no proposal. Save by hand.'));
    const connection = this.#connectionOf(connectionId);
    const isAllowed = workspace.getConfiguration('etcd').get('autoSave', false);
    if (isAllowed && !connection?.isProduction && !connection?.confirmsSaves) return;
    if (isAllowed && connection?.confirmsSaves && !connection.isProduction)
      throw FileSystemError.NoPermissions(
        l10n.t('Auto save does not write to {0}, where each save is confirmed. Save by hand.', connection.name),
      );
    throw FileSystemError.NoPermissions(
      connection?.isProduction
        ? l10n.t('Auto save does not write to production. Save by hand.')
        : l10n.t('Auto save does not write to etcd unless the setting "etcd.autoSave" is on. Save by hand.'),
    );
  }

  async #checkSyntax(save: PendingSave): Promise<void> {
    const { uri, address } = save;
    const document = openDocument(uri);
    const isWanted = workspace.getConfiguration('etcd').get('validateBeforeSave', true);
    const isProduction = this.#connectionOf(address.connectionId)?.isProduction ?? false;
    if (!document || !('languageId' in document) || !(isWanted || isProduction)) return;
    const { languageId } = document;
    const { syntaxProblem } = await import('./syntaxCheck.ts');
    const problem = syntaxProblem(languageId, textOf(save.content));
    if (problem === undefined) return await this.#checkFaults(save, document, isProduction);
    const old = await save.before();
    if (old === undefined || syntaxProblem(languageId, textOf(old)) !== undefined) return;
    const message = l10n.t(
      'Save {0} even though it is no longer valid {1}?',
      keyText(address.key),
      languageId.toUpperCase(),
    );
    if (await confirm(message, problem, l10n.t('Save'))) return;
    throw canceledSave(l10n.t('The text is not valid: {0}. Nothing was written.', problem));
  }

  /** Asks about faults that other extensions report; about the same ones again only on production. */
  async #checkFaults({ address }: PendingSave, document: TextDocument, isProduction: boolean): Promise<void> {
    const { reportedFaults } = await import('./reportedFaults.ts');
    const faults = reportedFaults(document);
    const uri = document.uri.toString();
    const all = faults.join('\n');
    if (faults.length === 0 || (!isProduction && this.#faults.get(uri) === all)) return;
    const message = l10n.t('Save {0} although problems are reported?', keyText(address.key));
    if (!(await confirm(message, faults, l10n.t('Save'))))
      throw canceledSave(l10n.t('The text has problems: {0} Nothing was written.', faults[0] ?? ''));
    this.#faults.set(uri, all);
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
