import type { EtcdError } from './errors.ts';
import type { Hierarchy } from './keys/hierarchy.ts';
import type { ChildSpaces } from './space/keySpace.ts';

/** A key's record without its value. Revisions are etcd's 64-bit counters, including v2's indexes. */
export interface KeyMetadata {
  readonly key: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** Number of writes since the key was created; v2 does not count them. */
  readonly version?: bigint;
  /**
   * 0n if the key has none; absent if the store has no leases, or if values were left out, because etcd 3.7 then
   * reports no lease.
   */
  readonly lease?: bigint;
  /** Remaining seconds to live, only in v2, where the key itself has them; v3 has leases instead. */
  readonly ttl?: number;
}

export interface KeyValue extends KeyMetadata {
  readonly value: Uint8Array;
}

/** How to read a store. */
export interface ReadOptions {
  /** Read at this revision, if the store has `history`; by default at present. */
  readonly revision?: bigint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A key at a revision of the store; without `kv`, the key did not exist then. */
export interface KeySnapshot {
  readonly revision: bigint;
  readonly kv?: KeyValue;
}

/**
 * Half-open range of keys in byte order. As in etcd, an `end` of the single byte 0 means "to the end of the keyspace".
 */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** A child of a folder: a key, or a folder, which is all keys that continue after its name with a separator. */
export interface Child {
  readonly kind: 'key' | 'folder';
  /** The segment's bytes, without its separator; may be empty. */
  readonly name: Uint8Array;
  /** The whole key; for a folder, the prefix including its last separator. */
  readonly path: Uint8Array;
  /** Number of keys below a folder at the listing's revision, if the listing learned it. */
  readonly keyCount?: number;
  /** Remaining seconds to live of a v2 key or directory. */
  readonly ttl?: number;
  /** True if the listing learned that the key has a lease; without values, etcd 3.7 tells it of no key. */
  readonly hasLease?: boolean;
  /**
   * Place in the line of a lock or an election of etcd's own packages, whose keys end with their lease: the create
   * revision. The smallest among those beside each other is the holder's.
   */
  readonly turn?: bigint;
}

export interface ChildPage {
  readonly children: readonly Child[];
  /** True if no child follows. */
  readonly done: boolean;
  /** Estimate of how many children follow, if known. */
  readonly left?: number;
  /** The revision of all pages of this listing. */
  readonly revision: bigint;
}

/** The children of one folder in key order, page by page, all at the revision of the first page. */
export interface ChildListing {
  /**
   * Returns the next children, at most `size`, and fewer than that if they are very many: only `done` tells the end. A
   * failed or aborted call loses nothing: another call continues.
   * @param begun called with the page's first children if they are known before the whole page is
   * @throws EtcdError `compacted` if the listing's revision is compacted; list again from the start then
   */
  next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage>;
}

/** The beginning of a page: everything known so far. Children that were reported before are the same objects. */
export type PageBeginning = Pick<ChildPage, 'children' | 'revision'>;

export interface ListOptions {
  /** Only children whose names begin with these bytes. */
  readonly namePrefix?: Uint8Array;
  /** Only children from this position on: the path of the first one. */
  readonly from?: Uint8Array | undefined;
  /** List at this revision, if the store has `history`. */
  readonly revision?: bigint;
  /**
   * The only ranges to ask for, in a v3 store: those that a user may read. If none of them is in the folder, no request
   * is sent.
   */
  readonly ranges?: readonly KeyRange[];
}

export interface ScanOptions extends ReadOptions {
  /** Without it, values are left out, and `value` is empty. */
  readonly values?: boolean;
  /**
   * If the store has no pages of a range (v2), read it level by level: not in key order, and each level at its own
   * time, but with only some levels in memory. A range's start need not be a directory then.
   */
  readonly levels?: boolean;
}

/** Keys of a range in key order. */
export interface ScanPage {
  readonly kvs: readonly KeyValue[];
  /** Number of keys in the whole range. */
  readonly total: number;
  /** The revision of all pages. */
  readonly revision: bigint;
}

/** A list of keys that are decoded each time they are read. */
export interface KeyList {
  readonly length: number;
  /** Returns a key that shares memory with the whole page: copy it to keep it. @throws RangeError */
  key(index: number): Uint8Array;
  /** Returns the key as UTF-8, with U+FFFD for anything else. @throws RangeError */
  text(index: number): string;
}

/** Keys of a range in key order, without anything else about them. */
export interface KeyPage {
  readonly keys: KeyList;
  /** Number of keys in the whole range. */
  readonly total: number;
  /** The revision of all pages. */
  readonly revision: bigint;
}

/** What a write expects of the key: that it is absent, or that its last change was at this revision. */
export type Expectation = 'absent' | { readonly modRevision: bigint };

/**
 * How long a key lives: as before (a new key without expiry), without expiry, with a lease, or for a number of seconds,
 * for which v3 grants a lease and v2 has a time to live at the key.
 */
export type Lifetime = 'keep' | 'forever' | { readonly lease: bigint } | { readonly ttl: number };

export interface PutOptions {
  /** `keep` by default. */
  readonly lifetime?: Lifetime;
  /** Return the key as it was before. */
  readonly previous?: boolean;
}

export type PutResult =
  | { readonly outcome: 'written'; readonly modRevision: bigint; readonly previous?: KeyValue }
  | { readonly outcome: 'conflict'; readonly current: KeySnapshot };

export interface DeleteOptions {
  /** Delete only if no key in the ranges was written after this revision. */
  readonly unchangedSince?: bigint;
  /** Return the keys as they were before. */
  readonly previous?: boolean;
}

export type DeleteResult =
  | {
      readonly outcome: 'deleted';
      /** Absent if the answer was lost and nothing else reveals their number. */
      readonly keys?: number;
      /** 0n if the answer was lost, because deleted keys do not reveal it. */
      readonly revision: bigint;
      readonly previous?: readonly KeyValue[];
    }
  /** A key in the ranges was written after `unchangedSince`; nothing was deleted. */
  | { readonly outcome: 'changed' };

/** One step of a transaction, which is carried out only if every step finds its key as expected. */
export type Change =
  | {
      readonly kind: 'put';
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      readonly expected: Expectation;
      readonly lifetime?: Lifetime;
    }
  | { readonly kind: 'delete'; readonly key: Uint8Array; readonly expected: { readonly modRevision: bigint } }
  /** Changes nothing itself. */
  | { readonly kind: 'check'; readonly key: Uint8Array; readonly expected: Expectation };

export type TransactionResult =
  | {
      readonly outcome: 'done';
      /** Revision of all its puts; 0n if it has none and its answer was lost. */
      readonly revision: bigint;
      /** The overwritten or deleted keys as they were before. */
      readonly previous: readonly KeyValue[];
    }
  /** Nothing was changed; these keys are not as expected. */
  | {
      readonly outcome: 'conflict';
      readonly revision: bigint;
      readonly conflicts: readonly { readonly key: Uint8Array; readonly current?: KeyMetadata }[];
    };

export type KeyEvent =
  | { readonly kind: 'put'; readonly kv: KeyValue; readonly previous?: KeyValue }
  | {
      readonly kind: 'delete';
      readonly key: Uint8Array;
      readonly modRevision: bigint;
      readonly previous?: KeyValue;
    }
  /** In v2: a directory was created, or was deleted with everything in it; its content has no events of its own. */
  | {
      readonly kind: 'folder';
      readonly deleted: boolean;
      /** Ends with the separator. */
      readonly prefix: Uint8Array;
      readonly modRevision: bigint;
    };

/** Events in the order of their revisions, whole revisions only; empty if only the revision advanced. */
export interface WatchBatch {
  /** Every event up to this revision was delivered. */
  readonly revision: bigint;
  readonly events: readonly KeyEvent[];
  /** Set in the last batch of one answer of etcd: the number of events in that answer, wanted or not. */
  readonly answered?: number;
}

export interface WatchOptions {
  /** First revision whose events are delivered, at most the one after the present; by default the next one. */
  readonly fromRevision?: bigint;
  /** Also deliver each key as it was before, unless that is compacted. v2 always does. */
  readonly previous?: boolean;
  /** Send an empty batch once everything up to the present was delivered, if the store `tellsEnd`. */
  readonly catchUp?: boolean;
  /**
   * Called each time the watch is interrupted, before it tries again; the next batch, perhaps empty, says that it
   * continues.
   */
  readonly interrupted?: (reason: EtcdError) => void;
  readonly signal: AbortSignal;
}

export interface LeaseInfo {
  readonly id: bigint;
  /** Remaining seconds. */
  readonly ttl: number;
  /** Seconds it was granted for, and gets again with `keepAlive`. */
  readonly grantedTtl: number;
  readonly keys: readonly Uint8Array[];
}

/** Leases of a v3 store. A lease that does not exist any more is `undefined`. */
export interface Leases {
  /** @param ttl seconds; etcd may grant more */
  grant(ttl: number): Promise<bigint>;
  /** Ends the lease and deletes every key that is attached to it. */
  revoke(lease: bigint): Promise<void>;
  /** Gives the lease its whole time again; returns its seconds. */
  keepAlive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
  /** Returns the remaining seconds. */
  timeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
  info(lease: bigint, signal?: AbortSignal): Promise<LeaseInfo | undefined>;
  list(signal?: AbortSignal): Promise<readonly bigint[]>;
}

/** Features in which stores differ. */
export interface Capabilities {
  /** Folders exist by themselves, even empty; the store then has `createDirectory`. */
  readonly emptyFolders: boolean;
  /** False for a connection that its settings make read-only. */
  readonly writable: boolean;
  readonly leases: boolean;
  /** Reads at an earlier revision, back to the last compaction. */
  readonly history: boolean;
  /** Steps that one transaction can have; 1 without transactions. */
  readonly transactionSteps: number;
  /**
   * How `watch` follows changes: with a stream of events (`watch`); with one request per event (`longPoll`), which
   * loses events (`compacted`) if more than 1,000 come between two; or not at all (`none`), because a proxy holds
   * answers back, which becomes known only after a first watch has failed as `unsupported`.
   */
  readonly following: 'watch' | 'longPoll' | 'none';
  /** Whether a watch over history reports when it has caught up: etcd from 3.4.25 and 3.5.8 on, by gRPC. */
  readonly tellsEnd: boolean;
}

/** Keys of a store that cannot be changed, although others can. */
export interface KeyLocks {
  /** Explains in a sentence why a key cannot be changed; undefined if it can. */
  of(key: Uint8Array): string | undefined;
  /** Explains in a sentence why no key of a folder can be changed; undefined if some can. */
  ofFolder(prefix: Uint8Array): string | undefined;
  /**
   * Reads the ranges as far as there can be such keys.
   * @returns the revision at which it has read them, if it had to
   * @throws EtcdError `readOnly` if one of the keys in the ranges cannot be changed
   */
  check(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<bigint | undefined>;
}

/** The interface of every etcd store, whichever API it speaks. Every failure is an `EtcdError`. */
export interface KeyStore {
  readonly capabilities: Capabilities;
  /** How keys are divided into folders. */
  readonly hierarchy: Hierarchy;
  /** Present if the store has leases. */
  readonly leases?: Leases;
  /** Present if some keys cannot be changed. */
  readonly locks?: KeyLocks;
  get(key: Uint8Array, options?: ReadOptions): Promise<KeySnapshot>;
  /**
   * Reads several keys, in the requested order and undefined if a key does not exist; in v3 all at one revision. Values
   * are returned only on request, and the caller limits their size.
   */
  getMany(
    keys: readonly Uint8Array[],
    options?: ScanOptions,
  ): Promise<{ readonly revision: bigint; readonly kvs: readonly (KeyValue | undefined)[] }>;
  /** Returns the only ranges that this user may read or write; undefined if no restriction is known. */
  permitted?(access: 'read' | 'write', signal?: AbortSignal): Promise<readonly KeyRange[] | undefined>;
  /** Explains in a sentence why such a key or value cannot be stored; undefined if it can. */
  problemOf?(key: Uint8Array, value?: Uint8Array): string | undefined;
  /**
   * Identifies the cluster, because revisions mean nothing in another one: hexadecimal digits, after `v2:` for a v2
   * store, which counts revisions of its own. This is the cheapest request that every user may send.
   * @param within milliseconds for all endpoints together; by default as long as any read
   */
  clusterId?(signal?: AbortSignal, within?: number): Promise<string>;
  /**
   * Returns etcd's hash of its keys up to a revision, and the revision of the compaction on which the hash depends; -1n
   * without one. Equal hashes prove that two stores have one history. With authentication, only root may read it.
   * @param compacted hash as if compacted up to this revision; only a file can
   */
  contentHash?(
    revision: bigint,
    options?: { readonly compacted?: bigint; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly hash: number; readonly compacted: bigint }>;
  /**
   * Lists the folder of all keys that begin with the prefix, which is empty for the root. Sends no request before
   * `next`.
   */
  listChildren(prefix: Uint8Array, options?: ListOptions): ChildListing;
  /**
   * Yields all keys of a range in pages at one revision, with at most two pages in memory.
   * @throws EtcdError `compacted` if that revision is compacted before the end
   */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<ScanPage>;
  /** Yields keys as `scan` does, in larger pages and in half the time. */
  scanKeys(range: KeyRange, options?: Omit<ScanOptions, 'values'>): AsyncIterable<KeyPage>;
  /**
   * Returns what the folders and keys of a level take, those with the most bytes first, without reading values; absent
   * if the store must be read for that.
   */
  folderSpace?(prefix: Uint8Array, signal?: AbortSignal): Promise<ChildSpaces>;
  /** Reads the first keys of a range, at most `most`, in one request; absent if the store has no pages of a range. */
  firstKeys?(range: KeyRange, most: number, options?: ScanOptions): Promise<{ readonly kvs: readonly KeyValue[] }>;
  /** Counts the keys of all ranges together: in v3 at one revision, in v2 at this index or newer ones. */
  count(
    ranges: readonly KeyRange[],
    signal?: AbortSignal,
  ): Promise<{ readonly keys: number; readonly revision: bigint }>;
  /** Writes a value in one transaction if the key is as expected. */
  put(key: Uint8Array, value: Uint8Array, expected: Expectation, options?: PutOptions): Promise<PutResult>;
  /**
   * Deletes all keys of the ranges, which do not overlap. In v3 that is one transaction with at most
   * `capabilities.transactionSteps` ranges. v2 has no transactions and deletes range after range; if that stops
   * half-way, the error says so.
   */
  delete(ranges: readonly KeyRange[], options?: DeleteOptions): Promise<DeleteResult>;
  /**
   * Carries out all steps or none, each key at most once as put or delete.
   * @param changes at most `capabilities.transactionSteps`
   */
  transact(changes: readonly Change[]): Promise<TransactionResult>;
  /**
   * Yields the events of a range, until `signal` aborts or the iteration ends. The first batch is empty and comes once
   * the watch exists. After a lost connection or member the watch resumes by itself, without missing or repeating an
   * event. An iteration that is slower than the events gets larger batches, and delays no other watch.
   * @throws EtcdError `compacted` if requested events are lost: read again, and watch from the revision after that;
   * `permissionDenied` if a part of the range may not be read; `unsupported` if changes cannot be followed: poll
   * instead
   */
  watch(range: KeyRange, options: WatchOptions): AsyncIterable<WatchBatch>;
  /** Creates an empty folder, whose prefix ends with a separator; `ttl` is in seconds. */
  createDirectory?(prefix: Uint8Array, ttl?: number): Promise<void>;
  /** Removes a folder and those below it, each only if it is empty. */
  removeEmptyDirectories?(prefix: Uint8Array): Promise<void>;
}
