import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../connections/connection.ts';
import type { FileEntry } from '../etcd/keyFiles/fileEntry.ts';
import {
  IMPORT_STATES,
  planImport,
  type ImportPlan,
  type ImportSource,
  type ImportState,
} from '../etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../etcd/keyFiles/importSpool.ts';
import type { ImportWriter } from '../etcd/keyFiles/importWriter.ts';
import type { KeyStore } from '../etcd/keyStore.ts';

/** What can be written; conflicting keys only by choice. */
const TAKEN_AT_FIRST: readonly ImportState[] = ['added', 'changed'];

/** An import from its preview to its end: the plan, and which of its keys are chosen. */
export class ImportSession {
  readonly id = randomUUID();
  readonly connection: Connection;
  /** The file's or folder's name. */
  readonly source: string;
  readonly plan: ImportPlan;
  /** Once the import has begun: what it has done so far. The choice is fixed from then on. */
  writer: ImportWriter | undefined;
  readonly #folder: string;
  readonly #taken = new Set<ImportState>(TAKEN_AT_FIRST);
  /** Indexes of keys that are chosen otherwise than the others of their state. */
  readonly #exceptions = new Map<number, ImportState>();

  private constructor(connection: Connection, source: string, plan: ImportPlan, folder: string) {
    this.connection = connection;
    this.source = source;
    this.plan = plan;
    this.#folder = folder;
  }

  /** Compares a file with a connection's store. @throws EtcdError */
  static async begin(
    connection: Connection,
    store: KeyStore,
    name: string,
    source: ImportSource,
  ): Promise<ImportSession> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-import-'));
    const spool = await ImportSpool.create(join(folder, 'keys'));
    try {
      return new ImportSession(connection, name, await planImport(store, source, spool), folder);
    } catch (error) {
      await spool.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removes what it has on disk. */
  async end(): Promise<void> {
    await this.plan.spool.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  takes(index: number): boolean {
    return this.#taken.has(this.plan.stateOf(index)) !== this.#exceptions.has(index);
  }

  /** Whether keys of a state are chosen, as far as they have no choice of their own. */
  takesAll(state: ImportState): boolean {
    return this.#taken.has(state);
  }

  choose(index: number, wanted: boolean): void {
    const state = this.plan.stateOf(index);
    if (!isChoosable(state) || this.writer) return;
    if (wanted === this.#taken.has(state)) this.#exceptions.delete(index);
    else this.#exceptions.set(index, state);
  }

  chooseAll(state: ImportState, wanted: boolean): void {
    if (!isChoosable(state) || this.writer) return;
    for (const [index, of] of this.#exceptions) if (of === state) this.#exceptions.delete(index);
    if (wanted) this.#taken.add(state);
    else this.#taken.delete(state);
  }

  /** Number of chosen keys of a state. */
  chosen(state: ImportState): number {
    const exceptions = [...this.#exceptions.values()].filter((of) => of === state).length;
    return this.#taken.has(state) ? this.plan.count(state) - exceptions : exceptions;
  }

  get chosenKeys(): number {
    return IMPORT_STATES.reduce((sum, state) => sum + this.chosen(state), 0);
  }

  /** What the file has of a key. */
  fromFile(index: number): Promise<FileEntry> {
    return this.plan.spool.at(index);
  }

  /** The key's value now; nothing where it does not exist. */
  async now(index: number): Promise<Uint8Array> {
    const store = await this.connection.store('background');
    const { key } = await this.fromFile(index);
    return (await store.get(key)).kv?.value ?? new Uint8Array();
  }
}

export function isChoosable(state: ImportState): boolean {
  return state === 'added' || state === 'changed' || state === 'conflicting';
}
