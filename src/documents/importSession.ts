import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Uri } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { FileEntry } from '../etcd/keyFiles/fileEntry.ts';
import {
  IMPORT_STATES,
  planImport,
  restorePlan,
  type ImportPlan,
  type ImportSource,
  type ImportState,
} from '../etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../etcd/keyFiles/importSpool.ts';
import type { ImportWriter } from '../etcd/keyFiles/importWriter.ts';
import type { KeyStore } from '../etcd/keyStore.ts';

/** Of a key's state, its revision, and whether it is chosen. */
const BYTES_SEEN = 1 + 8 + 1;

/** What can be written; conflicting keys only by choice. */
const TAKEN_AT_FIRST: readonly ImportState[] = ['added', 'changed'];

/** Where the keys come from. */
export interface ImportFile {
  readonly uri: Uri;
  /** One file per key. */
  readonly isFolder: boolean;
}

/** What it takes to read an import again that was interrupted. */
export interface InterruptedImport {
  readonly id: string;
  /** `ImportSession.seen` when it began. */
  readonly seen: Uint8Array;
  readonly digest: string;
}

/** An import from its preview to its end: the plan, and which of its keys are chosen. */
export class ImportSession {
  readonly id: string;
  readonly connection: Connection;
  readonly file: ImportFile;
  readonly plan: ImportPlan;
  /** Once the import has begun: what it has done so far. The choice is fixed from then on. */
  writer: ImportWriter | undefined;
  readonly #folder: string;
  readonly #taken = new Set<ImportState>(TAKEN_AT_FIRST);
  /** Indexes of keys that are chosen otherwise than the others of their state. */
  readonly #exceptions = new Map<number, ImportState>();

  private constructor(connection: Connection, file: ImportFile, plan: ImportPlan, folder: string, id: string) {
    this.connection = connection;
    this.file = file;
    this.plan = plan;
    this.#folder = folder;
    this.id = id;
  }

  /** Compares a file with a connection's store. @throws EtcdError */
  static async begin(
    connection: Connection,
    store: KeyStore,
    file: ImportFile,
    source: ImportSource,
  ): Promise<ImportSession> {
    const make = async (spool: ImportSpool) => await planImport(store, source, spool);
    return await withSpool(make, (plan, folder) => new ImportSession(connection, file, plan, folder, randomUUID()));
  }

  /** Reads the file of an import again that was interrupted. @throws EtcdError where it has changed since */
  static async restore(
    connection: Connection,
    file: ImportFile,
    source: ImportSource,
    { id, seen, digest }: InterruptedImport,
  ): Promise<ImportSession> {
    const length = seen.length / BYTES_SEEN;
    const chosen = seen.subarray(seen.length - length);
    const plan = { seen: seen.subarray(0, seen.length - length), digest };
    const make = async (spool: ImportSpool) => await restorePlan(source, spool, plan);
    const session = await withSpool(make, (made, folder) => new ImportSession(connection, file, made, folder, id));
    for (const [index, isChosen] of chosen.entries()) session.choose(index, isChosen === 1);
    return session;
  }

  /** The file's or folder's name. */
  get source(): string {
    return fileNameOf(this.file.uri);
  }

  /** What was seen of the keys and which of them are chosen, 10 bytes for each. Neither keys nor values. */
  get seen(): Uint8Array {
    const chosen = Uint8Array.from({ length: this.plan.length }, (_, index) => (this.takes(index) ? 1 : 0));
    return Buffer.concat([this.plan.seen, chosen]);
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

export function fileNameOf({ path }: Uri): string {
  return path.slice(path.replace(/\/$/, '').lastIndexOf('/') + 1);
}

async function withSpool(
  makePlan: (spool: ImportSpool) => Promise<ImportPlan>,
  makeSession: (plan: ImportPlan, folder: string) => ImportSession,
): Promise<ImportSession> {
  const folder = await mkdtemp(join(tmpdir(), 'etcd-import-'));
  const spool = await ImportSpool.create(join(folder, 'keys'));
  try {
    return makeSession(await makePlan(spool), folder);
  } catch (error) {
    await spool.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export function isChoosable(state: ImportState): boolean {
  return state === 'added' || state === 'changed' || state === 'conflicting';
}
