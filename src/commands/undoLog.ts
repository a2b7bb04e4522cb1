import { l10n } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { UndoneChange } from '../etcd/putBack.ts';

/** A change of this window that can be undone. */
export interface UndoEntry {
  readonly connection: Connection;
  /** What was done, as the list shows it. */
  readonly label: string;
  readonly time: Date;
  readonly changes: readonly UndoneChange[];
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

  add(connection: Connection, label: string, changes: readonly UndoneChange[]): UndoEntry | undefined {
    if (changes.length === 0 || bytesOf(changes) > MOST_UNDO_BYTES) return undefined;
    const entry = { connection, label, time: new Date(), changes };
    const entries = [entry, ...this.#entries].slice(0, MOST_ENTRIES);
    let bytes = 0;
    this.#entries = entries.filter((each) => (bytes += bytesOf(each.changes)) <= MOST_UNDO_BYTES);
    return entry;
  }

  remove(entry: UndoEntry): void {
    this.#entries = this.#entries.filter((each) => each !== entry);
  }
}

/** How an entry is told apart from the others. */
export function undoDetail({ connection, time, changes }: UndoEntry): string {
  const count = changes.length === 1 ? l10n.t('1 key') : l10n.t('{0} keys', changes.length.toLocaleString());
  return [connection.name, count, time.toLocaleTimeString()].join(' · ');
}

function bytesOf(changes: readonly UndoneChange[]): number {
  return changes.reduce((sum, { previous: { key, value } }) => sum + key.length + value.length, 0);
}
