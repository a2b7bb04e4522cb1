import { commands, l10n, Uri, type TextDocumentShowOptions } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keys/keyText.ts';
import { formUriParts, type KeyAddress, type ValueForm } from './addresses/keyUri.ts';
import { revisionUriParts, type RevisionAddress } from './addresses/revisionUri.ts';
import { formOf } from './valueForms.ts';
import { openDiff } from '../ui/text/editors.ts';

/** A key at an earlier revision, or the present one, which can be edited. */
export type Version = RevisionAddress | KeyAddress;

/** The value of a key at a revision of the store; undefined if the key did not exist. */
export interface ReadVersion {
  readonly revision: bigint;
  readonly value?: Uint8Array | undefined;
}

type Reader = (version: Version) => Promise<ReadVersion>;

/** Opens earlier versions of keys, and compares versions. */
export class VersionOpener {
  readonly #read: Reader;

  constructor(read: Reader) {
    this.#read = read;
  }

  /** Opens a version in the form that suits it. @throws EtcdError `notFound` if the key did not exist */
  async open(address: RevisionAddress, options: TextDocumentShowOptions): Promise<void> {
    const { value } = await this.#read(address);
    if (!value)
      throw new EtcdError(
        'notFound',
        l10n.t('The key {0} did not exist at revision {1}.', keyText(address.key), String(address.revision)),
      );
    const uri = Uri.from(revisionUriParts(address, await formOf(value)));
    await commands.executeCommand('vscode.open', uri, options);
  }

  /** Compares two versions in the form that suits both; a side where the key did not exist is empty. */
  async compare(left: Version, right: Version): Promise<void> {
    const [before, after] = await Promise.all([this.#read(left), this.#read(right)]);
    const form = await formOf(before.value, after.value);
    const title = l10n.t('{0} ({1} ↔ {2})', keyText(right.key), nameOf(left, before), nameOf(right, after));
    await openDiff(uriOf(left, before, form), uriOf(right, after, form), title);
  }
}

function uriOf(version: Version, { revision, value }: ReadVersion, form: ValueForm): Uri {
  if (!('revision' in version) && value) return Uri.from(formUriParts(version, form));
  return Uri.from(revisionUriParts({ revision, ...version, orEmpty: !value }, form));
}

function nameOf(version: Version, { value }: ReadVersion): string {
  const name = 'revision' in version ? l10n.t('revision {0}', String(version.revision)) : l10n.t('now');
  return value ? name : l10n.t('{0}: no such key', name);
}
