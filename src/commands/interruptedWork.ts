import type { Memento } from 'vscode';
import type { TransferRoot } from '../etcd/transfer/transferPlan.ts';

const STORED = 'etcd.interruptedWork';
/** So many are remembered. */
const MOST_STORED = 50;
/** While it goes on, so often is written down how far work has come, in milliseconds. */
const PAUSE = 1000;

interface WorkFacts {
  readonly id: string;
  /** As progress and failures name it. */
  readonly label: string;
  /** When it began, in milliseconds since 1970. */
  readonly time: number;
  readonly total: number;
  /** Keys that were looked at so far. */
  readonly done: number;
}

/** A move or copy; keys are in base64, revisions and clusters as text. */
export interface TransferRecord extends WorkFacts {
  readonly kind: 'transfer';
  readonly doneLabel: string;
  readonly source: StoredEnd;
  readonly target: StoredEnd;
  readonly roots: readonly { readonly kind: TransferRoot['kind']; readonly from: string; readonly to: string }[];
  readonly move: boolean;
  readonly taken: 'skip' | 'overwrite' | 'rename';
  readonly oneCluster: boolean;
  readonly position: { readonly root: number; readonly next?: string };
}

interface StoredEnd {
  /** The connection's id. */
  readonly id: string;
  readonly seen: string;
  /** Absent in v2. */
  readonly cluster?: string | undefined;
}

/** An import. What it saw of each key is in a file of its own, by the record's id. */
export interface ImportRecord extends WorkFacts {
  readonly kind: 'import';
  readonly connection: Omit<StoredEnd, 'seen'>;
  readonly file: string;
  readonly isFolder: boolean;
  /** In base64. */
  readonly prefix: string;
  readonly leases: 'stay' | 'asInFile';
  /** Of the file's keys and values. */
  readonly digest: string;
  readonly next: number;
}

export type WorkRecord = TransferRecord | ImportRecord;

/** How far work has come, of a record of its kind. */
type Progress<Of extends WorkRecord> = Of extends TransferRecord
  ? Pick<TransferRecord, 'done' | 'position'>
  : Pick<ImportRecord, 'done' | 'next'>;

/**
 * The moves, copies and imports that have begun and not ended, remembered with the workspace so that they can be resumed when
 * VS Code was closed over them. No value and no secret is among what is remembered.
 */
export class InterruptedWork {
  readonly #memento: Memento;
  #records: readonly WorkRecord[];
  /** Going on in this window. */
  readonly #underWay = new Set<string>();
  #writtenAt = 0;

  constructor(memento: Memento) {
    this.#memento = memento;
    this.#records = memento.get<readonly WorkRecord[]>(STORED, []);
  }

  /** What can be resumed, the newest first. */
  get list(): readonly WorkRecord[] {
    return this.#records.filter(({ id }) => !this.#underWay.has(id));
  }

  /** Work begins; comes back when it is remembered. */
  async begin(record: WorkRecord): Promise<void> {
    this.#underWay.add(record.id);
    this.#records = [record, ...this.#records.filter(({ id }) => id !== record.id)].slice(0, MOST_STORED);
    await this.#write();
  }

  /** Work that had stopped goes on. */
  goOn(id: string): void {
    this.#underWay.add(id);
  }

  /** Work does not go on by now, whether it has begun to or not. */
  leave(id: string): void {
    this.#underWay.delete(id);
  }

  /** Work has come further. */
  advance<Of extends WorkRecord>(id: string, progress: Progress<Of>): void {
    this.#records = this.#records.map((each) => (each.id === id ? { ...each, ...progress } : each));
    if (performance.now() - this.#writtenAt >= PAUSE) void this.#write();
  }

  /** Work has stopped, and waits to be resumed. */
  async stop<Of extends WorkRecord>(id: string, progress: Progress<Of>): Promise<void> {
    this.#underWay.delete(id);
    this.advance(id, progress);
    await this.#write();
  }

  /** Work is done, or given up. */
  async forget(id: string): Promise<void> {
    this.#underWay.delete(id);
    if (!this.#records.some((each) => each.id === id)) return;
    this.#records = this.#records.filter((each) => each.id !== id);
    await this.#write();
  }

  async #write(): Promise<void> {
    this.#writtenAt = performance.now();
    await this.#memento.update(STORED, this.#records);
  }
}
