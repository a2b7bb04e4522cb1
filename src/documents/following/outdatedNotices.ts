import {
  type CodeLens,
  EventEmitter,
  type FileDecoration,
  l10n,
  languages,
  Range,
  ThemeColor,
  workspace,
  type CodeLensProvider,
  type FileDecorationProvider,
  type TextDocument,
  type Uri,
} from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { addressId, editedForm, keyAddress, KEY_SCHEME, YAML_SCHEME } from '../addresses/keyUri.ts';
import type { KnownKeys } from './knownKeys.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import type { OwnWrites } from '../keyFile/ownWrites.ts';
import { codeLens, fileDecoration } from '../../ui/text/editors.ts';
import { window } from '../../ui/text/window.ts';

/** The state of a key after unsaved text was begun: another version, or deleted. */
export interface NewerVersion {
  readonly modRevision?: bigint;
}

export interface OutdatedNoticesServices {
  readonly known: KnownKeys;
  readonly ownWrites: OwnWrites;
  /** Returns the version that a document's text comes from. */
  readonly baseOf: (uri: Uri) => { readonly modRevision: bigint } | undefined;
  /** Called when a document gets a notice. */
  readonly noted: (uri: Uri) => void;
}

/** Commands of a notice; each receives the document's address. */
const COMPARE = 'etcd.compareWithEtcd';
const MERGE = 'etcd.merge';
const REVERT = 'etcd.revert';
const FIRST_LINE = new Range(0, 0, 0, 0);

/**
 * Shows above the text and on the tab of a document with unsaved text that its key has changed in etcd, before it is
 * saved.
 */
export class OutdatedNotices extends DisposableOwner implements CodeLensProvider, FileDecorationProvider {
  readonly #services: OutdatedNoticesServices;
  readonly #newer = new Map<string, NewerVersion>();
  readonly #lenses = this.own(new EventEmitter<void>());
  readonly #decorations = this.own(new EventEmitter<Uri>());
  readonly onDidChangeCodeLenses = this.#lenses.event;
  readonly onDidChangeFileDecorations = this.#decorations.event;

  constructor(services: OutdatedNoticesServices) {
    super();
    this.#services = services;
    this.own(languages.registerCodeLensProvider([{ scheme: KEY_SCHEME }, { scheme: YAML_SCHEME }], this));
    this.own(window.registerFileDecorationProvider(this));
    this.own(workspace.onDidChangeTextDocument(({ document }) => this.#look(document)));
    this.own(workspace.onDidSaveTextDocument((document) => this.#look(document)));
    this.own(workspace.onDidCloseTextDocument((document) => this.#look(document)));
    this.own(
      services.known.onDidChange((address) => {
        for (const document of workspace.textDocuments) {
          const shown = editedForm(document.uri.scheme) && keyAddress(document.uri);
          if (shown && addressId(shown) === addressId(address)) void this.#lookAfterOwnWrite(document);
        }
      }),
    );
  }

  newerVersion(uri: Uri): NewerVersion | undefined {
    return this.#newer.get(uri.toString());
  }

  provideCodeLenses({ uri }: TextDocument): CodeLens[] {
    const newer = this.newerVersion(uri);
    if (!newer) return [];
    const lens = (title: string, command?: string, icon?: string) =>
      codeLens(FIRST_LINE, title, {
        args: [uri],
        ...(command !== undefined && { command }),
        ...(icon !== undefined && { icon }),
      });
    if (newer.modRevision === undefined)
      return [
        lens(l10n.t('The key was deleted in etcd. Saving asks before it creates it again.'), undefined, 'warning'),
        lens(l10n.t('Revert'), REVERT),
      ];
    return [
      lens(l10n.t('Changed in etcd since you opened it (revision {0})', String(newer.modRevision)), COMPARE, 'warning'),
      lens(l10n.t('Compare'), COMPARE),
      lens(l10n.t('Merge'), MERGE),
      lens(l10n.t('Revert'), REVERT),
    ];
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const newer = editedForm(uri.scheme) ? this.newerVersion(uri) : undefined;
    if (!newer) return undefined;
    const text =
      newer.modRevision === undefined
        ? l10n.t('Unsaved, and deleted in etcd')
        : l10n.t('Unsaved, and changed in etcd since you opened it');
    return fileDecoration('!', text, new ThemeColor('list.warningForeground'));
  }

  /** Looks again after a write of this window, because etcd may report a save before it answers the save. */
  async #lookAfterOwnWrite(document: TextDocument): Promise<void> {
    const address = keyAddress(document.uri);
    await (address && this.#services.ownWrites.underWay(address));
    this.#look(document);
  }

  #look({ uri }: TextDocument): void {
    if (!editedForm(uri.scheme)) return;
    const name = uri.toString();
    const before = this.#newer.get(name);
    const now = this.#find(uri);
    if (before?.modRevision === now?.modRevision && (before === undefined) === (now === undefined)) return;
    if (now) this.#newer.set(name, now);
    else this.#newer.delete(name);
    this.#lenses.fire();
    this.#decorations.fire(uri);
    if (now) this.#services.noted(uri);
  }

  #find(uri: Uri): NewerVersion | undefined {
    const { known, ownWrites, baseOf } = this.#services;
    const address = keyAddress(uri);
    const base = baseOf(uri);
    const seen = address && known.get(address);
    if (!openDocument(uri)?.isDirty || !base || !seen || ownWrites.underWay(address)) return undefined;
    if (seen.revision <= base.modRevision || seen.facts?.modRevision === base.modRevision) return undefined;
    return seen.facts ? { modRevision: seen.facts.modRevision } : {};
  }
}
