import { commands, type Memento } from 'vscode';
import type { TransferRoot } from '../../etcd/transfer/transferPlan.ts';

// See docs/contributing/decisions/bulk-work.md

const STORED = 'etcd.interruptedWork';
/** Limit of the records that are kept. */
const MAX_STORED = 50;
/** Pause between two updates of a record's progress, in milliseconds. */
const PAUSE = 1000;

interface WorkFacts {
  readonly id: string;
  /** Name in progress notifications and failures. */
  readonly label: string;
  /** Start in milliseconds since 1970. */
  readonly time: number;
  readonly total: number;
  /** Keys processed so far. */
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
  /** Id of the connection. */
  readonly id: string;
  readonly seen: string;
  /** See `KeyStore.clusterId`. */
  readonly cluster?: string | undefined;
}

/** An import. The states of its keys are in a separate file, named by the record's id. */
export interface ImportRecord extends WorkFacts {
  readonly kind: 'import';
  readonly connection: Omit<StoredEnd, 'seen'>;
  readonly file: string;
  readonly isFolder: boolean;
  /** Prefix in base64. */
  readonly prefix: string;
  readonly leases: 'stay' | 'asInFile';
  /** Digest of the file's keys and values. */
  readonly digest: string;
  readonly next: number;
}

export type WorkRecord = TransferRecord | ImportRecord;

/** Progress of work, by the kind of its record. */
type WorkProgress<Of extends WorkRecord> = Of extends TransferRecord
  ? Pick<TransferRecord, 'done' | 'position'>
  : Pick<ImportRecord, 'done' | 'next'>;

/**
 * Moves, copies and imports that have begun and not ended. They are stored with the workspace, so that they can be
 * resumed after VS Code was closed. The records contain no values and no secrets.
 */
export class InterruptedWork {
  readonly #memento: Memento;
  #records: readonly WorkRecord[];
  /** Ids of work that runs in this window. */
  readonly #underWay = new Set<string>();
  #writtenAt = 0;

  constructor(memento: Memento) {
    this.#memento = memento;
    this.#records = memento.get<readonly WorkRecord[]>(STORED, []);
    this.#tell();
  }

  /** Work that can be resumed, newest first. */
  get list(): readonly WorkRecord[] {
    return this.#records.filter(({ id }) => !this.#underWay.has(id));
  }

  /** Records that work begins; resolves once the record is stored. */
  async begin(record: WorkRecord): Promise<void> {
    this.#underWay.add(record.id);
    this.#records = [record, ...this.#records.filter(({ id }) => id !== record.id)].slice(0, MAX_STORED);
    await this.#write();
  }

  /** Records that stopped work continues. */
  goOn(id: string): void {
    this.#underWay.add(id);
    this.#tell();
  }

  /** Records that work is not running now, whether or not it has begun. */
  leave(id: string): void {
    this.#underWay.delete(id);
    this.#tell();
  }

  /** Records progress. */
  advance<Of extends WorkRecord>(id: string, progress: WorkProgress<Of>): void {
    this.#records = this.#records.map((each) => (each.id === id ? { ...each, ...progress } : each));
    if (performance.now() - this.#writtenAt >= PAUSE) void this.#write();
  }

  /** Records that work has stopped and waits to be resumed. */
  async stop<Of extends WorkRecord>(id: string, progress: WorkProgress<Of>): Promise<void> {
    this.#underWay.delete(id);
    this.advance(id, progress);
    await this.#write();
  }

  /** Removes the record of work that is done or given up. */
  async forget(id: string): Promise<void> {
    this.#underWay.delete(id);
    if (!this.#records.some((each) => each.id === id)) return;
    this.#records = this.#records.filter((each) => each.id !== id);
    await this.#write();
  }

  #tell(): void {
    void commands.executeCommand('setContext', 'etcd.nothingToResume', this.list.length === 0);
  }

  async #write(): Promise<void> {
    this.#writtenAt = performance.now();
    this.#tell();
    await this.#memento.update(STORED, this.#records);
  }
}
