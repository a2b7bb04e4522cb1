import { commands, l10n, Uri, type TextDocumentShowOptions } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { hexUriParts, keyUriParts, type KeyAddress } from './keyUri.ts';
import { revisionUriParts, type RevisionAddress } from './revisionUri.ts';
import { isText } from './textValue.ts';

/** A key as it was, or as it is and can be edited. */
export type Version = RevisionAddress | KeyAddress;

/** The value at a revision of the store; none where the key did not exist. */
export interface ReadVersion {
  readonly revision: bigint;
  readonly value?: Uint8Array | undefined;
}

type Reader = (version: Version) => Promise<ReadVersion>;

/** Opens keys as they were, and compares them. */
export class VersionOpener {
  readonly #read: Reader;

  constructor(read: Reader) {
    this.#read = read;
  }

  /** Opens text as text, any other value as a hex dump. @throws EtcdError `notFound` where the key did not exist */
  async open(address: RevisionAddress, options: TextDocumentShowOptions): Promise<void> {
    const { value } = await this.#read(address);
    if (!value)
      throw new EtcdError(
        'notFound',
        l10n.t('The key {0} did not exist at revision {1}.', keyText(address.key), String(address.revision)),
      );
    const uri = Uri.from(revisionUriParts(address, isText(value) ? 'text' : 'hex'));
    await commands.executeCommand('vscode.open', uri, options);
  }

  /** Compares two versions, as hex dumps where one of them is binary; a side where the key did not exist is empty. */
  async compare(left: Version, right: Version): Promise<void> {
    const [before, after] = await Promise.all([this.#read(left), this.#read(right)]);
    const form = [before, after].every(({ value }) => value === undefined || isText(value)) ? 'text' : 'hex';
    const title = l10n.t('{0} ({1} ↔ {2})', keyText(right.key), nameOf(left, before), nameOf(right, after));
    await commands.executeCommand('vscode.diff', uriOf(left, before, form), uriOf(right, after, form), title);
  }
}

function uriOf(version: Version, { revision, value }: ReadVersion, form: 'text' | 'hex'): Uri {
  if (!('revision' in version) && value) return Uri.from((form === 'text' ? keyUriParts : hexUriParts)(version));
  return Uri.from(revisionUriParts({ revision, ...version, orEmpty: !value }, form));
}

function nameOf(version: Version, { value }: ReadVersion): string {
  const name = 'revision' in version ? l10n.t('revision {0}', String(version.revision)) : l10n.t('now');
  return value ? name : l10n.t('{0}: no such key', name);
}
