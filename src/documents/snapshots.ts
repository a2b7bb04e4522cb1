import type { KeyValue } from '../etcd/keyStore.ts';
import { addressId, type KeyAddress } from './keyUri.ts';

/** For so long after its last use a snapshot waits for the call that belongs to it, in milliseconds. */
const LIFETIME = 1000;

/** What a document shows of a key at a revision of the store; no `kv` means that the key did not exist then. */
export interface Snapshot {
  readonly revision: bigint;
  readonly kv?: Pick<KeyValue, 'modRevision' | 'value'>;
}

interface SnapshotSource {
  get(key: Uint8Array): Promise<Snapshot>;
}

interface Entry {
  readonly snapshot: Promise<Snapshot>;
  settled?: Snapshot;
  /** Calls that still may come for what this snapshot answered before. */
  expectedReads: number;
  expectedStats: number;
  /** Known not to be the last word: it stays only for the `stat` of its reads. */
  outdated?: boolean;
  expiry?: NodeJS.Timeout;
}

/**
 * Snapshots of keys, shared by the calls that VS Code makes for one operation. It loads a file by `readFile` and, right
 * behind, `stat`, or the other way round. A `stat` that tells a newer revision than the text has would make the next save
 * overwrite a change that nobody has seen, so the `stat` behind a `readFile` always gets the same snapshot.
 */
export class Snapshots {
  readonly #sourceOf: (connectionId: string) => Promise<SnapshotSource>;
  readonly #entries = new Map<string, Entry>();

  constructor(sourceOf: (connectionId: string) => Promise<SnapshotSource>) {
    this.#sourceOf = sourceOf;
  }

  /** For a look at a key before it is opened. */
  async peek(address: KeyAddress): Promise<Snapshot> {
    const entry = this.#pending(address) ?? this.#fetch(address);
    entry.expectedReads++;
    return await this.#answer(address, entry);
  }

  /** For `readFile`. */
  async forRead(address: KeyAddress): Promise<Snapshot> {
    const entry = this.#pending(address) ?? this.#expecting(address, 'expectedReads') ?? this.#fetch(address);
    entry.expectedReads = Math.max(0, entry.expectedReads - 1);
    entry.expectedStats++;
    return await this.#answer(address, entry);
  }

  /** For `stat`. */
  async forStat(address: KeyAddress): Promise<Snapshot> {
    const paired = this.#expecting(address, 'expectedStats');
    const entry = paired ?? this.#pending(address) ?? this.#fetch(address);
    if (paired) paired.expectedStats--;
    else entry.expectedReads++;
    return await this.#answer(address, entry);
  }

  /** Takes over what a write made of a key. The next `stat` shows it: VS Code takes that for the state of what it wrote. */
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

  /** Makes the next question go to etcd. */
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

  /** The request under way. */
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
      // Whoever asked gets the error; whoever asks next asks etcd.
      this.#remove(address, entry);
    }
  }

  /** What the entry has, or the newer snapshot of a write that came in between. */
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
