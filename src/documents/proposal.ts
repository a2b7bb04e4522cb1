import { l10n, Range, Uri, workspace, WorkspaceEdit } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keys/keyText.ts';
import type { KeySnapshot } from '../etcd/keyStore.ts';
import { openDiff } from '../ui/text/editors.ts';
import { keyUriParts, type KeyAddress } from './addresses/keyUri.ts';
import { openDocument } from './addresses/openDocuments.ts';
import { revisionUriParts } from './addresses/revisionUri.ts';
import { isText } from './addresses/textValue.ts';
import type { KeyFileSystem } from './keyFile/keyFileSystem.ts';
import type { ProposedTexts } from './proposedTexts.ts';
import type { RevisionFileSystem } from './readOnly/revisionFileSystem.ts';
import { formOf } from './valueForms.ts';

export interface ProposalServices {
  /** Reads a key from etcd. @throws EtcdError */
  readonly read: (address: KeyAddress) => Promise<KeySnapshot>;
  /** Notes a document before it gets the text. */
  readonly proposed: Pick<ProposedTexts, 'begin'>;
  readonly drafts: Pick<KeyFileSystem, 'createDraft'>;
  readonly past: Pick<RevisionFileSystem, 'keep'>;
}

/**
 * Opens a key's document, unsaved with a proposed text, beside the present value.
 * @returns false if the key has this text already
 * @throws EtcdError `unsupported` if a value is not text, or unsaved text of the user would be replaced
 */
export async function openProposal(address: KeyAddress, text: string, services: ProposalServices): Promise<boolean> {
  const { revision, kv } = await services.read(address);
  const name = keyText(address.key);
  if (!isText(Buffer.from(text)) || (kv && (await formOf(kv.value)) !== 'text'))
    throw new EtcdError('unsupported', l10n.t('A change of {0} cannot be proposed, because it is not text.', name));
  const uri = Uri.from(keyUriParts(address));
  if (openDocument(uri)?.isDirty)
    throw new EtcdError('unsupported', l10n.t('The editor of {0} has unsaved text, which is not replaced.', name));
  if (kv && Buffer.compare(kv.value, Buffer.from(text)) === 0) return false;
  if (!kv) services.drafts.createDraft(address);
  const present = { ...address, revision: kv?.modRevision ?? revision, orEmpty: !kv };
  // A compaction, or v2, must not take away what the proposal is compared with.
  if (kv) services.past.keep(present, kv);
  services.proposed.begin(uri);
  const title = l10n.t('{0} (now ↔ proposed by a language model)', name);
  await openDiff(Uri.from(revisionUriParts(present, 'text')), uri, title, { preview: false });
  const document = await workspace.openTextDocument(uri);
  const edit = new WorkspaceEdit();
  edit.replace(uri, new Range(document.positionAt(0), document.positionAt(document.getText().length)), text);
  if (await workspace.applyEdit(edit)) return true;
  throw new EtcdError('unsupported', l10n.t('VS Code did not put the proposed text into the editor of {0}.', name));
}
