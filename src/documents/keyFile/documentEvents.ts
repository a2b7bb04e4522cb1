import type { Uri } from 'vscode';
import type { KeyValue } from '../../etcd/keyStore.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';

export interface KeyWrite extends KeyAddress {
  readonly created: boolean;
  readonly modRevision: bigint;
  /** The key as it was before, if it was overwritten. */
  readonly previous?: KeyValue;
}

/** Unsaved text that met a version of its key that it was not made from. */
export interface MovedOn {
  readonly uri: Uri;
  /** Absent if the key was deleted. */
  readonly modRevision?: bigint;
  /** True if a save has just met it, so that VS Code asks whether to overwrite it. */
  readonly bySave: boolean;
}
