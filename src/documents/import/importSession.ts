import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { FileEntry } from '../../etcd/keyFiles/fileEntry.ts';
import { planImport, restorePlan, type ImportPlan, type ImportSource } from '../../etcd/keyFiles/importPlan.ts';
import { IMPORT_STATES, isChoosable, type ImportState } from '../../etcd/keyFiles/importStates.ts';
import { ImportSpool } from '../../etcd/keyFiles/importSpool.ts';
import type { ImportWriter } from '../../etcd/keyFiles/importWriter.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';

/** Bytes stored per key: state, revision, and whether it is chosen. */
const BYTES_SEEN = 1 + 8 + 1;

/** States that are chosen at first. Conflicting keys are written only if the user chooses them. */
const TAKEN_AT_FIRST: readonly ImportState[] = ['added', 'changed'];

/** The file or folder that the keys come from. */
export interface ImportFile {
  readonly uri: Uri;
  /** One file per key. */
  readonly isFolder: boolean;
}

/** Facts needed to read an interrupted import again. */
export interface InterruptedImport {
  readonly id: string;
  /** `ImportSession.seen` at its beginning. */
  readonly seen: Uint8Array;
  readonly digest: string;
  /** Id of the cluster, if the store has one. */
  readonly cluster?: string | undefined;
}

/** An import from its preview to its end: the plan, and the chosen keys. */
export class ImportSession {
  readonly id: string;
  /** The connection with its settings at the latest use. */
  connection: Connection;
  readonly file: ImportFile;
  readonly plan: ImportPlan;
  /** Set once the import has begun; the choice is fixed from then on. */
  writer: ImportWriter | undefined;
  #store: KeyStore | undefined;
  readonly #folder: string;
  readonly #taken = new Set<ImportState>(TAKEN_AT_FIRST);
  /** Indexes of keys whose choice differs from the others of their state. */
  readonly #exceptions = new Map<number, ImportState>();

  private constructor(connection: Connection, file: ImportFile, plan: ImportPlan, folder: string, id: string) {
    this.connection = connection;
    this.file = file;
    this.plan = plan;
    this.#folder = folder;
    this.id = id;
  }

  /** Compares a file with a connection's store. @throws EtcdError */
  static async compare(
    connection: Connection,
    store: KeyStore,
    file: ImportFile,
    source: ImportSource,
  ): Promise<ImportSession> {
    const make = async (spool: ImportSpool) => await planImport(store, source, spool);
    return await withSpool(make, (plan, folder) => new ImportSession(connection, file, plan, folder, randomUUID()));
  }

  /** Reads the file of an interrupted import again. @throws EtcdError if it has changed since */
  static async restore(
    connection: Connection,
    file: ImportFile,
    source: ImportSource,
    { id, seen, digest, cluster }: InterruptedImport,
  ): Promise<ImportSession> {
    const length = seen.length / BYTES_SEEN;
    const chosen = seen.subarray(seen.length - length);
    const plan = { seen: seen.subarray(0, seen.length - length), digest, cluster };
    const make = async (spool: ImportSpool) => await restorePlan(source, spool, plan);
    const session = await withSpool(make, (made, folder) => new ImportSession(connection, file, made, folder, id));
    for (const [index, isChosen] of chosen.entries()) session.choose(index, isChosen === 1);
    return session;
  }

  /** Begins to write to this store after the user has agreed; the choice is fixed from now on. */
  begin(writer: ImportWriter, store: KeyStore): void {
    this.writer = writer;
    this.#store = store;
  }

  /** Whether the writer can continue by itself, because the connection is unchanged and open. */
  get canGoOn(): boolean {
    return this.#store !== undefined && this.connection.hasOpen(this.#store);
  }

  /** Name of the file or folder. */
  get source(): string {
    return fileNameOf(this.file.uri);
  }

  /** The state of each key when it was compared and whether it is chosen, in 10 bytes, without its name or value. */
  get seen(): Uint8Array {
    const chosen = Uint8Array.from({ length: this.plan.length }, (_, index) => (this.takes(index) ? 1 : 0));
    return Buffer.concat([this.plan.seen, chosen]);
  }

  /** Removes the session's files on disk. */
  async end(): Promise<void> {
    await this.plan.spool.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  takes(index: number): boolean {
    return this.#taken.has(this.plan.stateOf(index)) !== this.#exceptions.has(index);
  }

  /** Whether keys of a state are chosen, unless they have a choice of their own. */
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

  /** Returns the file's entry of a key. */
  fromFile(index: number): Promise<FileEntry> {
    return this.plan.spool.at(index);
  }

  /** Returns the key's present value; empty if it does not exist. */
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
