import { TabInputTextDiff, Uri, commands, l10n, window } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { openDocument } from './openDocuments.ts';
import type { MergeFileSystem } from './mergeFileSystem.ts';
import { mergeUriParts } from './mergeUri.ts';
import type { PendingSave } from './saveGuard.ts';

/** Asks before each save of a connection that wants it so, beside a diff of what changes. */
export class SaveQuestion {
  readonly #files: MergeFileSystem;

  constructor(files: MergeFileSystem) {
    this.#files = files;
  }

  /** @returns whether to save; false too where the user wants to look at the diff first, which stays open */
  async ask(save: PendingSave, connectionName: string): Promise<boolean> {
    const { address, isShown = false } = save;
    const diff = isShown ? undefined : await this.#showChange(save);
    const message = diff
      ? l10n.t('Save this change of {0} to {1}?', keyText(address.key), connectionName)
      : l10n.t('Save {0} to {1}?', keyText(address.key), connectionName);
    const [yes, look] = [l10n.t('Save'), l10n.t('Look First')];
    const detail = diff && l10n.t('The editor behind this question shows what changes.');
    const options = { modal: true, ...(detail !== undefined && { detail }) };
    const answer = await window.showWarningMessage(message, options, yes, ...(diff ? [look] : []));
    if (diff && answer !== look) await closeDiff(diff);
    return answer === yes;
  }

  /** @returns the left side of the diff; none where there is no version to compare with, or no document */
  async #showChange({ uri, address, expected, before }: PendingSave): Promise<Uri | undefined> {
    const value = expected === 'absent' || !openDocument(uri) ? undefined : await before();
    if (value === undefined || expected === 'absent') return undefined;
    const { modRevision } = expected;
    this.#files.keep(address, modRevision, value);
    const left = Uri.from(mergeUriParts({ ...address, part: 'version', modRevision }));
    const title = l10n.t('{0} (in etcd ↔ to be saved)', keyText(address.key));
    await commands.executeCommand('vscode.diff', left, uri, title, { preview: true });
    return left;
  }
}

async function closeDiff(left: Uri): Promise<void> {
  const shown = window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof TabInputTextDiff && input.original.toString() === left.toString());
  if (shown.length > 0) await window.tabGroups.close(shown);
}
