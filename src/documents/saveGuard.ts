import { FileSystemError, l10n, TextDocumentSaveReason, workspace, type Uri } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { Expectation } from '../etcd/keyStore.ts';
import { confirm } from '../ui/confirm.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { KEY_SCHEME, type KeyAddress } from './keyUri.ts';
import { openDocument } from './openDocuments.ts';

/** A value that is about to replace another one. */
export interface PendingSave {
  readonly uri: Uri;
  readonly address: KeyAddress;
  readonly content: Uint8Array;
  /** The value in etcd; undefined for a new key. */
  readonly before: () => Promise<Uint8Array | undefined>;
  /** The version that is overwritten. */
  readonly expected: Expectation;
  /** Why it is saved, where VS Code does not tell. */
  readonly reason?: TextDocumentSaveReason;
  /** The user has just seen what changes. */
  readonly isShown?: boolean;
}

/** Stops saves that nobody may want: those of auto save, those that break what was valid before, and those that are not confirmed. */
export class SaveGuard extends DisposableOwner {
  readonly #connectionOf: (id: string) => Connection | undefined;
  /** Why VS Code is about to save a document as it is in this version; whoever writes without a document gives no reason. */
  readonly #reasons = new Map<string, { readonly reason: TextDocumentSaveReason; readonly version: number }>();

  readonly #ask: (save: PendingSave, connectionName: string) => Promise<boolean>;

  /** @param ask asks whether to save, where the connection wants each save confirmed */
  constructor(
    connectionOf: (id: string) => Connection | undefined,
    ask: (save: PendingSave, connectionName: string) => Promise<boolean>,
  ) {
    super();
    this.#connectionOf = connectionOf;
    this.#ask = ask;
    this.own(
      workspace.onWillSaveTextDocument(({ document: { uri, version }, reason }) => {
        if (uri.scheme === KEY_SCHEME) this.#reasons.set(uri.toString(), { reason, version });
      }),
    );
  }

  /** @throws FileSystemError that says why nothing is written; the text stays in its editor */
  async check(save: PendingSave): Promise<void> {
    const reason = save.reason ?? this.#takeReason(save.uri);
    if (reason === undefined) return;
    if (reason !== TextDocumentSaveReason.Manual) return this.#checkAutoSave(save);
    await this.#checkSyntax(save);
    await this.#confirm(save);
  }

  async #confirm(save: PendingSave): Promise<void> {
    const connection = this.#connectionOf(save.address.connectionId);
    if (!connection?.confirmsSaves || (await this.#ask(save, connection.name))) return;
    throw FileSystemError.NoPermissions(
      l10n.t('Nothing was written, since you did not confirm it. Save again to do so.'),
    );
  }

  /** VS Code's auto save before it closes says nothing beforehand: it is told by the unsaved text that it writes. */
  #takeReason(uri: Uri): TextDocumentSaveReason | undefined {
    const document = openDocument(uri);
    const told = this.#reasons.get(uri.toString());
    this.#reasons.delete(uri.toString());
    if (told && document?.version === told.version) return told.reason;
    const isAutomatic = workspace.getConfiguration('files', uri).get('autoSave') !== 'off';
    return document?.isDirty && isAutomatic ? TextDocumentSaveReason.AfterDelay : undefined;
  }

  #checkAutoSave({ address: { connectionId } }: PendingSave): void {
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

  async #checkSyntax({ uri, address, content, before }: PendingSave): Promise<void> {
    if (!workspace.getConfiguration('etcd').get('validateBeforeSave', true)) return;
    const document = openDocument(uri);
    if (!document || !('languageId' in document)) return;
    const { languageId } = document;
    const { syntaxProblem } = await import('./syntaxCheck.ts');
    const problem = syntaxProblem(languageId, textOf(content));
    if (problem === undefined) return;
    const old = await before();
    if (old === undefined || syntaxProblem(languageId, textOf(old)) !== undefined) return;
    const message = l10n.t(
      'Save {0} although it is no valid {1} any more?',
      keyText(address.key),
      languageId.toUpperCase(),
    );
    if (await confirm(message, problem, l10n.t('Save'))) return;
    throw FileSystemError.NoPermissions(l10n.t('The text is not valid: {0}. Nothing was written.', problem));
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
