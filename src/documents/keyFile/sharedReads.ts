import type { DocumentValue } from './documentStore.ts';
import { addressId, type KeyAddress } from '../addresses/keyUri.ts';

/** Milliseconds after its last use for which a snapshot waits for the call that belongs to it. */
const LIFETIME = 1000;

/** A key at a revision of the store, as a document shows it; without `kv`, the key did not exist then. */
export interface Snapshot {
  readonly revision: bigint;
  readonly kv?: Pick<DocumentValue, 'modRevision' | 'value' | 'isLocked'>;
}

interface SnapshotSource {
  get(key: Uint8Array): Promise<Snapshot>;
}

interface Entry {
  readonly snapshot: Promise<Snapshot>;
  settled?: Snapshot;
  /** Calls that may still come for earlier answers of this snapshot. */
  expectedReads: number;
  expectedStats: number;
  /** True if a newer snapshot is known; this one stays only for the `stat` of its reads. */
  outdated?: boolean;
  expiry?: NodeJS.Timeout;
}

/**
 * Snapshots of keys, shared by the calls that VS Code makes for one operation. VS Code loads a file with `readFile`
 * immediately followed by `stat`, or in the opposite order. If `stat` returned a newer revision than that of the text,
 * the next save would overwrite a change that nobody has seen. So the `stat` after a `readFile` always gets the same
 * snapshot.
 */
export class Snapshots {
  readonly #sourceOf: (connectionId: string) => Promise<SnapshotSource>;
  readonly #entries = new Map<string, Entry>();

  constructor(sourceOf: (connectionId: string) => Promise<SnapshotSource>) {
    this.#sourceOf = sourceOf;
  }

  /** Returns a snapshot before a key is opened. */
  async peek(address: KeyAddress): Promise<Snapshot> {
    const entry = this.#pending(address) ?? this.#fetch(address);
    entry.expectedReads++;
    return await this.#answer(address, entry);
  }

  /** Returns the snapshot for `readFile`. */
  async forRead(address: KeyAddress): Promise<Snapshot> {
    const entry = this.#pending(address) ?? this.#expecting(address, 'expectedReads') ?? this.#fetch(address);
    entry.expectedReads = Math.max(0, entry.expectedReads - 1);
    entry.expectedStats++;
    return await this.#answer(address, entry);
  }

  /** Returns the snapshot for `stat`. */
  async forStat(address: KeyAddress): Promise<Snapshot> {
    const paired = this.#expecting(address, 'expectedStats');
    const entry = paired ?? this.#pending(address) ?? this.#fetch(address);
    if (paired) paired.expectedStats--;
    else entry.expectedReads++;
    return await this.#answer(address, entry);
  }

  /** Stores the result of a write for the next `stat`, because VS Code takes that for the state of what it wrote. */
  keep(address: KeyAddress, snapshot: Snapshot): void {
    const entry: Entry = {
      snapshot: Promise.resolve(snapshot),
      settled: snapshot,
      expectedReads: 0,
      expectedStats: 1,
    };
    this.#replace(address, entry);
    this.#expireLater(address, entry);
  }

  /** Makes the next call read from etcd. */
  forget(address: KeyAddress): void {
    const entry = this.#entries.get(addressId(address));
    if (!entry) return;
    entry.outdated = true;
    if (entry.expectedStats === 0) this.#remove(address, entry);
  }

  dispose(): void {
    for (const { expiry } of this.#entries.values()) clearTimeout(expiry);
    this.#entries.clear();
  }

  /** Returns the request under way. */
  #pending(address: KeyAddress): Entry | undefined {
    const entry = this.#entries.get(addressId(address));
    return entry && !entry.settled && !entry.outdated ? entry : undefined;
  }

  #expecting(address: KeyAddress, call: 'expectedReads' | 'expectedStats'): Entry | undefined {
    const entry = this.#entries.get(addressId(address));
    const isUsable = entry && entry[call] > 0 && !(entry.outdated && call === 'expectedReads');
    return isUsable ? entry : undefined;
  }

  #fetch(address: KeyAddress): Entry {
    const snapshot = this.#sourceOf(address.connectionId).then((source) => source.get(address.key));
    const entry: Entry = { snapshot, expectedReads: 0, expectedStats: 0 };
    this.#replace(address, entry);
    void this.#settle(address, entry);
    return entry;
  }

  async #settle(address: KeyAddress, entry: Entry): Promise<void> {
    try {
      entry.settled = await entry.snapshot;
      this.#expireLater(address, entry);
    } catch {
      // This caller gets the error; the next one asks etcd.
      this.#remove(address, entry);
    }
  }

  /** Returns the entry's snapshot, or the newer one of a write that came in between. */
  async #answer(address: KeyAddress, entry: Entry): Promise<Snapshot> {
    if (entry.settled) this.#expireLater(address, entry);
    const snapshot = await entry.snapshot;
    const current = this.#entries.get(addressId(address))?.settled;
    return current && current.revision > snapshot.revision ? current : snapshot;
  }

  #replace(address: KeyAddress, entry: Entry): void {
    clearTimeout(this.#entries.get(addressId(address))?.expiry);
    this.#entries.set(addressId(address), entry);
  }

  #remove(address: KeyAddress, entry: Entry): void {
    clearTimeout(entry.expiry);
    if (this.#entries.get(addressId(address)) === entry) this.#entries.delete(addressId(address));
  }

  #expireLater(address: KeyAddress, entry: Entry): void {
    clearTimeout(entry.expiry);
    if (this.#entries.get(addressId(address)) !== entry) return;
    entry.expiry = setTimeout(() => this.#remove(address, entry), LIFETIME);
    entry.expiry.unref();
  }
}
