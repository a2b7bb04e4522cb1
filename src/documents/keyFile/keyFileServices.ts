import type { Memento } from 'vscode';
import type { Confirmation } from '../../ui/confirm.ts';
import type { DocumentStore } from './documentStore.ts';
import type { Drafts } from './drafts.ts';
import type { OwnWrites } from './ownWrites.ts';
import type { SaveGuard } from './saveGuard.ts';
import type { Snapshots } from './snapshots.ts';

/** What `KeyFileSystem` is made of. */
export interface KeyFileSystemServices {
  /**
   * URI scheme of the documents, which also decides the form of the stores' values; by default that of a key's own
   * text.
   */
  readonly scheme?: string;
  readonly storeFor: (connectionId: string) => Promise<DocumentStore>;
  /** For a save that the user has confirmed, if the connection insists on that. */
  readonly storeToWrite: (connectionId: string, yes: Confirmation | undefined) => Promise<DocumentStore>;
  readonly snapshots: Snapshots;
  readonly drafts: Drafts;
  readonly guard: Pick<SaveGuard, 'check' | 'noteLastEdit'>;
  /** Remembers what unsaved text began from. */
  readonly memento: Memento;
  readonly isReadOnly: (connectionId: string) => boolean;
  readonly ownWrites: OwnWrites;
}
