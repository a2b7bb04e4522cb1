import { commands, type Uri } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { bytesOfUndone, type Undone } from '../../etcd/writes/undone.ts';

/** A change of this window that can be undone. */
export interface UndoEntry {
  readonly connection: Connection;
  /** Describes the change in the list. */
  readonly label: string;
  readonly time: Date;
  readonly changes: readonly Undone[];
  /** A file with the deleted keys, for an import, if it replaces `changes`. */
  readonly backup?: { readonly file: Uri; readonly keys: number };
  /** New places of moved keys, which are undone last, each only once its key is back at the old name. */
  readonly afterwards?: {
    readonly connection: Connection;
    readonly changes: readonly { readonly oldName: Uint8Array; readonly change: Undone }[];
  };
}

/** Limits of the remembered changes: their number, and the bytes of all their values. */
const MAX_ENTRIES = 50;
export const MAX_UNDO_BYTES = 64 * 1024 * 1024;

/** The latest deletes and overwrites of this window, newest first, until VS Code closes. */
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
    if (changes.length === 0 || bytesOf(entry) > MAX_UNDO_BYTES) return undefined;
    return this.#keep(entry);
  }

  /** Remembers a delete whose keys are in a file. */
  addBackup(connection: Connection, label: string, file: Uri, keys: number): UndoEntry {
    return this.#keep({ connection, label, time: new Date(), changes: [], backup: { file, keys } });
  }

  #keep(entry: UndoEntry): UndoEntry {
    const entries = [entry, ...this.#entries].slice(0, MAX_ENTRIES);
    let bytes = 0;
    this.#set(entries.filter((each) => (bytes += bytesOf(each)) <= MAX_UNDO_BYTES));
    return entry;
  }

  remove(entry: UndoEntry): void {
    this.#set(this.#entries.filter((each) => each !== entry));
  }

  #set(entries: readonly UndoEntry[]): void {
    this.#entries = entries;
    void commands.executeCommand('setContext', 'etcd.canUndo', entries.length > 0);
  }
}

/** Describes an entry, to distinguish it from others. */
export function undoDetail({ connection, time, changes, backup }: UndoEntry): string {
  const keys = backup?.keys ?? changes.length;
  const count = keysText(keys);
  return [connection.name, count, time.toLocaleTimeString()].join(' · ');
}

function bytesOf({ changes, afterwards }: UndoEntry): number {
  const all = [...changes, ...(afterwards?.changes.map(({ change }) => change) ?? [])];
  return all.reduce((bytes, change) => bytes + bytesOfUndone(change), 0);
}
