import { throwIfAborted } from '../cancelled.ts';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { keyText } from '../keys/keyText.ts';
import { compareKeys } from '../keys/ranges.ts';
import type { Expectation, KeyStore, KeyValue } from '../keyStore.ts';
import { badFile, type FileEntry, type FileHeader, type FilePart } from './fileEntry.ts';
import type { ImportSpool } from './importSpool.ts';
import { IMPORT_STATES, type ImportState } from './importStates.ts';
import { PresentKeys, type Present } from './presentKeys.ts';

export interface ImportSource {
  readonly parts: AsyncIterable<FilePart>;
  /**
   * Replaces the file's prefix; keys that do not begin with the file's prefix keep their names. The file's prefix stays
   * by default.
   */
  readonly prefix?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void;
}

const KEYS_AT_ONCE = 128;
const NO_VALUE = new Uint8Array();

/**
 * The keys of a file compared with a store: the state of each, what was seen of it, and whether it will be written.
 * Holds 17 bytes per key; the rest is in the spool.
 */
export class ImportPlan {
  readonly header: FileHeader;
  readonly prefix: Uint8Array;
  /** Whether the file is from the store's own cluster, so that its revisions and leases are valid here. */
  readonly isOfCluster: boolean;
  readonly spool: ImportSpool;
  /** Number of entries with a lease or a time to live. */
  leased = 0;
  /** Bytes of the keys that can be written and of their present values. */
  undoBytes = 0;
  readonly #counts: Record<ImportState, number> = { added: 0, changed: 0, unchanged: 0, conflicting: 0, impossible: 0 };
  #states = new Uint8Array(1024);
  #revisions = new BigInt64Array(1024);

  /** @param cluster of the store */
  constructor(header: FileHeader, prefix: Uint8Array | undefined, cluster: string | undefined, spool: ImportSpool) {
    this.header = header;
    this.prefix = prefix ?? header.prefix;
    this.isOfCluster = cluster !== undefined && cluster === header.cluster;
    this.spool = spool;
  }

  get length(): number {
    return this.spool.length;
  }

  count(state: ImportState): number {
    return this.#counts[state];
  }

  stateOf(index: number): ImportState {
    return IMPORT_STATES[this.#states[index] ?? 0] ?? 'added';
  }

  /** Returns the state of the key that the preview saw, for the guard of its write. */
  expected(index: number): Expectation {
    const modRevision = this.#revisions[index] ?? 0n;
    return modRevision === 0n ? 'absent' : { modRevision };
  }

  /** Each key's state when it was compared, in 9 bytes, without its name or value; for `restorePlan`. */
  get seen(): Uint8Array {
    const revisions = this.#revisions.subarray(0, this.length);
    return Buffer.concat([
      this.#states.subarray(0, this.length),
      new Uint8Array(revisions.buffer, revisions.byteOffset, revisions.byteLength),
    ]);
  }

  /** Returns the indexes of up to `most` entries with a state, starting at an index. */
  indexesOf(state: ImportState, from: number, most: number): readonly number[] {
    const found: number[] = [];
    for (let index = from; index < this.length && found.length < most; index++)
      if (this.stateOf(index) === state) found.push(index);
    return found;
  }

  /** Returns a promise only when the spool writes its file; the next entry must wait for it. */
  add(
    entry: FileEntry,
    now: Pick<KeyValue, 'modRevision' | 'value'> | undefined,
    state: ImportState,
  ): Promise<void> | undefined {
    const index = this.length;
    if (index === this.#states.length) this.#grow();
    this.#states[index] = IMPORT_STATES.indexOf(state);
    this.#revisions[index] = now?.modRevision ?? 0n;
    this.#counts[state]++;
    if (entry.lease !== undefined || entry.ttl !== undefined) this.leased++;
    if (state !== 'unchanged') this.undoBytes += entry.key.length + (now?.value.length ?? 0);
    return this.spool.add(entry);
  }

  #grow(): void {
    const [states, revisions] = [this.#states, this.#revisions];
    this.#states = new Uint8Array(states.length * 2);
    this.#states.set(states);
    this.#revisions = new BigInt64Array(revisions.length * 2);
    this.#revisions.set(revisions);
  }
}

/**
 * Compares the keys of a file with a store, without writing to it.
 * @param spool empty; holds the keys from now on
 * @throws EtcdError
 */
export async function planImport(store: KeyStore, source: ImportSource, spool: ImportSpool): Promise<ImportPlan> {
  let plan: ImportPlan | undefined;
  const cluster = await store.clusterId?.(source.signal);
  const order = new NoKeyTwice(spool);
  const present = new PresentKeys(store);
  for await (const part of source.parts) {
    throwIfAborted(source.signal);
    if ('header' in part) {
      plan = new ImportPlan(part.header, source.prefix, cluster, spool);
      continue;
    }
    if (!plan) throw badFile(l10n.t('it has no "keys".'));
    const { header, prefix, isOfCluster } = plan;
    const entries = part.entries.map((entry) => ({ ...entry, key: newKey(entry.key, header.prefix, prefix) }));
    // A revision from another cluster or another prefix says nothing about when a key was written here.
    const isHere = isOfCluster && compareKeys(prefix, header.prefix) === 0;
    const written = (entry: FileEntry) => (isHere ? (entry.modRevision ?? header.revision) : undefined);
    for (let at = 0; at < entries.length; at += KEYS_AT_ONCE) {
      const some = entries.slice(at, at + KEYS_AT_ONCE);
      const keys = some.map(({ key }) => key);
      const now = await present.read(keys, source.signal);
      for (const [index, entry] of some.entries()) {
        // Awaiting nothing would cost three promises for each key.
        if (!order.follows(entry.key)) await order.check(entry.key);
        const writing = plan.add(entry, now[index]?.kv, stateOf(entry, now[index], written(entry)));
        if (writing) await writing;
      }
      source.progress?.(plan.length);
    }
  }
  if (!plan) throw badFile(l10n.t('it has no "keys".'));
  await spool.seal();
  return plan;
}

/**
 * Reads the file of an interrupted import again. Each key must still be as it was seen then.
 * @param seen `ImportPlan.seen`
 * @param digest of the spool at that time
 * @param cluster of the store, which has not changed
 * @throws EtcdError if the file has changed since
 */
export async function restorePlan(
  source: ImportSource,
  spool: ImportSpool,
  {
    seen,
    digest,
    cluster,
  }: { readonly seen: Uint8Array; readonly digest: string; readonly cluster?: string | undefined },
): Promise<ImportPlan> {
  const length = seen.length / (1 + BigInt64Array.BYTES_PER_ELEMENT);
  const revisions = new BigInt64Array(Uint8Array.from(seen.subarray(length)).buffer);
  let plan: ImportPlan | undefined;
  for await (const part of source.parts) {
    throwIfAborted(source.signal);
    if ('header' in part) {
      plan = new ImportPlan(part.header, source.prefix, cluster, spool);
      continue;
    }
    if (!plan) break;
    for (const entry of part.entries) {
      const modRevision = revisions[plan.length];
      if (modRevision === undefined) throw changedFile();
      const now = modRevision === 0n ? undefined : { modRevision, value: NO_VALUE };
      const state = IMPORT_STATES[seen[plan.length] ?? 0] ?? 'impossible';
      await plan.add({ ...entry, key: newKey(entry.key, plan.header.prefix, plan.prefix) }, now, state);
    }
    source.progress?.(plan.length);
  }
  await spool.seal();
  if (!plan || plan.length !== length || spool.digest !== digest) throw changedFile();
  return plan;
}

function changedFile(): EtcdError {
  const message = l10n.t(
    'The file has changed since its import was interrupted. Import it again to compare what it has now.',
  );
  return new EtcdError('unsupported', message);
}

function stateOf(entry: FileEntry, found: Present | undefined, written: bigint | undefined): ImportState {
  if (found?.isImpossible === true) return 'impossible';
  const now = found?.kv;
  if (!now) return 'added';
  if (Buffer.compare(now.value, entry.value) === 0) return 'unchanged';
  return written !== undefined && now.modRevision > written ? 'conflicting' : 'changed';
}

function newKey(key: Uint8Array, before: Uint8Array, after: Uint8Array): Uint8Array {
  const belongs = Buffer.compare(key.subarray(0, before.length), before) === 0;
  return compareKeys(before, after) === 0 || !belongs
    ? key
    : new Uint8Array(Buffer.concat([after, key.subarray(before.length)]));
}

/** Refuses keys that occur twice in a file. A file in key order, as exports are, needs no memory for this. */
class NoKeyTwice {
  readonly #spool: ImportSpool;
  #last: Uint8Array | undefined;
  #all: Set<string> | undefined;

  /** @param spool holds the keys before the next one */
  constructor(spool: ImportSpool) {
    this.#spool = spool;
  }

  /** Whether the key comes after all before it, as in a file in key order. Otherwise it needs a `check`. */
  follows(key: Uint8Array): boolean {
    if (this.#all || (this.#last && compareKeys(this.#last, key) >= 0)) return false;
    this.#last = key;
    return true;
  }

  /** @throws EtcdError */
  async check(key: Uint8Array): Promise<void> {
    this.#all ??= await this.#keysSoFar();
    const name = toBinaryKey(key);
    if (this.#all.has(name)) throw badFile(l10n.t('it has the key {0} twice.', keyText(key)));
    this.#all.add(name);
  }

  async #keysSoFar(): Promise<Set<string>> {
    const keys = new Set<string>();
    await this.#spool.flush();
    while (keys.size < this.#spool.length)
      for (const { key } of await this.#spool.from(keys.size)) keys.add(toBinaryKey(key));
    return keys;
  }
}
