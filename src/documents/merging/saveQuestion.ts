import { TabInputTextDiff, Uri, l10n } from 'vscode';
import { confirm, confirmOr, type Confirmation } from '../../ui/confirm.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { openDocument } from '../addresses/openDocuments.ts';
import type { KeptVersions } from './keptVersions.ts';
import { editedForm } from '../addresses/keyUri.ts';
import { mergeUriParts } from '../addresses/mergeUri.ts';
import type { PendingWrites } from '../keyFile/pendingWrites.ts';
import type { PendingSave } from '../keyFile/saveChecks.ts';
import { window } from '../../ui/text/window.ts';
import { openDiff } from '../../ui/text/editors.ts';

/** Asks before each save, beside a diff of the changes, for connections with that setting. */
export class SaveQuestion {
  readonly #versions: KeptVersions;
  readonly #pending: PendingWrites;

  constructor(versions: KeptVersions, pending: PendingWrites) {
    this.#versions = versions;
    this.#pending = pending;
  }

  /** @returns the user's yes; undefined also if the user wants to see the diff first, which stays open */
  async ask(save: PendingSave, connectionName: string): Promise<Confirmation | undefined> {
    const { address, isShown = false } = save;
    const diff = isShown ? undefined : await this.#showChange(save);
    const names = [keyText(address.key), connectionName] as const;
    const saveButton = l10n.t('Save');
    if (!diff) return await confirm(l10n.t('Save {0} to {1}?', ...names), '', saveButton);
    const message = save.isFromElsewhere
      ? l10n.t('Let another extension write {0} to {1}?', ...names)
      : l10n.t('Save this change of {0} to {1}?', ...names);
    const detail = l10n.t('The diff is open behind this dialog.');
    const answer = await confirmOr(message, detail, saveButton, l10n.t('Review Diff'));
    if (answer === 'other') return undefined;
    await closeDiff(diff);
    return answer;
  }

  /** @returns the left side of the diff; undefined if there is no version to compare with, or no document */
  async #showChange({
    uri,
    address,
    content,
    expected,
    before,
    isFromElsewhere,
  }: PendingSave): Promise<Uri | undefined> {
    if (isFromElsewhere)
      return await this.#pending.show(address, expected === 'absent' ? undefined : await before(), content);
    const value = expected === 'absent' || !openDocument(uri) ? undefined : await before();
    if (value === undefined || expected === 'absent') return undefined;
    const { modRevision } = expected;
    const key = { ...address, form: editedForm(uri.scheme) ?? 'text' };
    this.#versions.keep(key, modRevision, value);
    const left = Uri.from(mergeUriParts({ ...key, part: 'version', modRevision }));
    const title = l10n.t('{0} (in etcd ↔ to be saved)', keyText(address.key));
    await openDiff(left, uri, title, { preview: true });
    return left;
  }
}

async function closeDiff(left: Uri): Promise<void> {
  const shown = window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof TabInputTextDiff && input.original.toString() === left.toString());
  // The save continues even if someone closes the tab at the same moment.
  if (shown.length > 0) await window.tabGroups.close(shown).then(undefined, () => undefined);
}
