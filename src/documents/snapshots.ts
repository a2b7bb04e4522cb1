import { toBinaryKey } from '../etcd/keyspace/binaryKey.ts';
import type { KeyValue } from '../etcd/keyStore.ts';
import type { KeyAddress } from './keyUri.ts';

/** For so long a snapshot answers further questions about its key, in milliseconds. */
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
  /** Reads that it answered and whose `stat` has not come yet. */
  unpairedReads: number;
  /** Known not to be the last word; it stays only for the `stat` of its reads. */
  outdated?: boolean;
  settled?: { readonly snapshot: Snapshot; readonly readableUntil: number };
  expiry?: NodeJS.Timeout;
}

/**
 * Snapshots of keys, shared by the calls that VS Code makes for one operation. It opens a file by `readFile` and, right
 * behind, `stat`: both must show the same revision, since a `stat` that tells a newer one than the text has would make the
 * next save overwrite a change that nobody has seen.
 */
export class Snapshots {
  readonly #storeFor: (connectionId: string) => Promise<SnapshotSource>;
  readonly #entries = new Map<string, Entry>();

  constructor(storeFor: (connectionId: string) => Promise<SnapshotSource>) {
    this.#storeFor = storeFor;
  }

  /** For a look at a key that no `stat` follows. */
  async peek(address: KeyAddress): Promise<Snapshot> {
    return await this.#answer(address, this.#readable(address));
  }

  /** For `readFile`. */
  async forRead(address: KeyAddress): Promise<Snapshot> {
    const entry = this.#readable(address);
    entry.unpairedReads++;
    this.#expireLater(address, entry);
    return await this.#answer(address, entry);
  }

  /**
   * For `stat`.
   * @param fresh asks etcd, unless this `stat` belongs to a read or a write just made
   */
  async forStat(address: KeyAddress, fresh: boolean): Promise<Snapshot> {
    const known = this.#entries.get(idOf(address));
    const entry =
      known && (known.unpairedReads > 0 || (!known.outdated && !(known.settled && fresh)))
        ? known
        : this.#fetch(address);
    entry.unpairedReads = Math.max(0, entry.unpairedReads - 1);
    return await this.#answer(address, entry);
  }

  /** Takes over what a write made of a key. The next `stat` shows it: VS Code takes that for the state of what it wrote. */
  keep(address: KeyAddress, snapshot: Snapshot): void {
    const settled = { snapshot, readableUntil: performance.now() + LIFETIME };
    const entry: Entry = { snapshot: Promise.resolve(snapshot), unpairedReads: 1, settled };
    this.#replace(address, entry);
    this.#expireLater(address, entry);
  }

  /** Makes the next question go to etcd. */
  forget(address: KeyAddress): void {
    const entry = this.#entries.get(idOf(address));
    if (!entry) return;
    entry.outdated = true;
    if (entry.unpairedReads === 0) this.#remove(address, entry);
  }

  dispose(): void {
    for (const { expiry } of this.#entries.values()) clearTimeout(expiry);
    this.#entries.clear();
  }

  #readable(address: KeyAddress): Entry {
    const entry = this.#entries.get(idOf(address));
    const isReadable = entry && !entry.outdated && (!entry.settled || performance.now() < entry.settled.readableUntil);
    return isReadable ? entry : this.#fetch(address);
  }

  #fetch(address: KeyAddress): Entry {
    const snapshot = this.#storeFor(address.connectionId).then((store) => store.get(address.key));
    const entry: Entry = { snapshot, unpairedReads: 0 };
    this.#replace(address, entry);
    void this.#settle(address, entry);
    return entry;
  }

  async #settle(address: KeyAddress, entry: Entry): Promise<void> {
    try {
      entry.settled = { snapshot: await entry.snapshot, readableUntil: performance.now() + LIFETIME };
      this.#expireLater(address, entry);
    } catch {
      // Whoever asked gets the error; whoever asks next asks etcd.
      this.#remove(address, entry);
    }
  }

  /** What the entry has, or the newer snapshot of a write that came in between. */
  async #answer(address: KeyAddress, entry: Entry): Promise<Snapshot> {
    const snapshot = await entry.snapshot;
    const current = this.#entries.get(idOf(address))?.settled?.snapshot;
    return current && current.revision > snapshot.revision ? current : snapshot;
  }

  #replace(address: KeyAddress, entry: Entry): void {
    clearTimeout(this.#entries.get(idOf(address))?.expiry);
    this.#entries.set(idOf(address), entry);
  }

  #remove(address: KeyAddress, entry: Entry): void {
    clearTimeout(entry.expiry);
    if (this.#entries.get(idOf(address)) === entry) this.#entries.delete(idOf(address));
  }

  #expireLater(address: KeyAddress, entry: Entry): void {
    clearTimeout(entry.expiry);
    if (!entry.settled || this.#entries.get(idOf(address)) !== entry) return;
    entry.expiry = setTimeout(() => this.#remove(address, entry), LIFETIME);
    entry.expiry.unref();
  }
}

function idOf({ connectionId, key }: KeyAddress): string {
  return `${connectionId}\0${toBinaryKey(key)}`;
}
