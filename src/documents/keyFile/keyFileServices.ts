import type { Memento } from 'vscode';
import type { Confirmation } from '../../ui/confirm.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';
import type { DocumentStore } from './documentStore.ts';
import type { Drafts } from './drafts.ts';
import type { OwnWrites } from './ownWrites.ts';
import type { SaveChecks } from './saveChecks.ts';
import type { Snapshots } from './sharedReads.ts';

/** Services that `KeyFileSystem` uses. */
export interface KeyFileSystemServices {
  /** URI scheme of the documents, and so the form of the stores' values; by default that of a key's own text. */
  readonly scheme?: string;
  readonly storeFor: (connectionId: string) => Promise<DocumentStore>;
  /** Returns the store for a save. If the connection requires it, the user must have confirmed the save. */
  readonly storeToWrite: (connectionId: string, yes: Confirmation | undefined) => Promise<DocumentStore>;
  readonly snapshots: Snapshots;
  readonly drafts: Drafts;
  readonly guard: Pick<SaveChecks, 'check' | 'noteLastEdit'>;
  /** Storage for the versions that unsaved texts were made from. */
  readonly memento: Memento;
  readonly isReadOnly: (address: KeyAddress) => boolean;
  readonly ownWrites: OwnWrites;
}
