import { l10n, type Uri } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { undoneKey, type Undone } from '../etcd/putBack.ts';

/** A change of this window that can be undone. */
export interface UndoEntry {
  readonly connection: Connection;
  /** What was done, as the list shows it. */
  readonly label: string;
  readonly time: Date;
  readonly changes: readonly Undone[];
  /** In place of changes: the file that holds the deleted keys, for an import. */
  readonly backup?: { readonly file: Uri; readonly keys: number };
  /** Undone after them: where moved keys went, each only once the key is back at its old name. */
  readonly afterwards?: {
    readonly connection: Connection;
    readonly changes: readonly { readonly oldName: Uint8Array; readonly change: Undone }[];
  };
}

/** So many changes are remembered, and values of so many bytes in all. */
const MOST_ENTRIES = 50;
export const MOST_UNDO_BYTES = 64 * 1024 * 1024;

/** The last deletes and overwrites of this window, newest first, until VS Code closes. */
export class UndoLog {
  #entries: readonly UndoEntry[] = [];

  get entries(): readonly UndoEntry[] {
    return this.#entries;
  }

  add(
    connection: Connection,
    label: string,
    changes: readonly Undone[],
    afterwards?: UndoEntry['afterwards'],
  ): UndoEntry | undefined {
    const entry: UndoEntry = { connection, label, time: new Date(), changes, ...(afterwards && { afterwards }) };
    if (changes.length === 0 || bytesOf(entry) > MOST_UNDO_BYTES) return undefined;
    return this.#keep(entry);
  }

  /** Remembers a delete whose keys are in a file. */
  addBackup(connection: Connection, label: string, file: Uri, keys: number): UndoEntry {
    return this.#keep({ connection, label, time: new Date(), changes: [], backup: { file, keys } });
  }

  #keep(entry: UndoEntry): UndoEntry {
    const entries = [entry, ...this.#entries].slice(0, MOST_ENTRIES);
    let bytes = 0;
    this.#entries = entries.filter((each) => (bytes += bytesOf(each)) <= MOST_UNDO_BYTES);
    return entry;
  }

  remove(entry: UndoEntry): void {
    this.#entries = this.#entries.filter((each) => each !== entry);
  }
}

/** How an entry is told apart from the others. */
export function undoDetail({ connection, time, changes, backup }: UndoEntry): string {
  const keys = backup?.keys ?? changes.length;
  const count = keys === 1 ? l10n.t('1 key') : l10n.t('{0} keys', keys.toLocaleString());
  return [connection.name, count, time.toLocaleTimeString()].join(' · ');
}

function bytesOf({ changes, afterwards }: UndoEntry): number {
  const all = [...changes, ...(afterwards?.changes.map(({ change }) => change) ?? [])];
  return all.reduce((bytes, change) => bytes + bytesOfChange(change), 0);
}

/** What it takes to remember a change. */
export function bytesOfChange(change: Undone): number {
  return undoneKey(change).length + ('created' in change ? 0 : change.previous.value.length);
}
