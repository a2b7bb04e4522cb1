import type { EtcdError } from './errors.ts';
import type { Hierarchy } from './keyspace/hierarchy.ts';

/** A key's record without its value. Revisions are etcd's 64-bit counters, v2's indexes among them. */
export interface KeyMetadata {
  readonly key: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** Number of writes since the key was created; v2 does not count them. */
  readonly version?: bigint;
  /** 0n where the key has none; absent where the store has no leases. */
  readonly lease?: bigint;
  /** Seconds left to live: v2 has a time of life at the key itself, where v3 has leases. */
  readonly ttl?: number;
}

export interface KeyValue extends KeyMetadata {
  readonly value: Uint8Array;
}

/** How a store is read. */
export interface ReadOptions {
  /** Read as of this revision, where the store has `history`; now without it. */
  readonly revision?: bigint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a key was at a revision of the store; no `kv` means that the key did not exist then. */
export interface KeySnapshot {
  readonly revision: bigint;
  readonly kv?: KeyValue;
}

/** Half-open range of keys in byte order; an `end` of the single byte 0 means "to the end of the keyspace", as etcd has it. */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** A child of a folder: a key, or the folder of all keys that go on after its name with a separator. */
export interface Child {
  readonly kind: 'key' | 'folder';
  /** The segment's bytes, without its separator; may be empty. */
  readonly name: Uint8Array;
  /** The whole key; for a folder, the prefix including its last separator. */
  readonly path: Uint8Array;
  /** Number of keys below a folder at the listing's revision, where the listing learned it on its way. */
  readonly keyCount?: number;
  /** Seconds left to live, of v2's keys and directories that have a time of life. */
  readonly ttl?: number;
}

export interface ChildPage {
  readonly children: readonly Child[];
  /** True when no child follows. */
  readonly done: boolean;
  /** About how many children follow, where some do and that can be told. */
  readonly left?: number;
  /** The revision all pages of this listing show. */
  readonly revision: bigint;
}

/** The children of one folder in key order, page by page, all at the revision of the first page. */
export interface ChildListing {
  /**
   * Next children, at most `size`. A failed or aborted call loses nothing: calling again goes on where it stopped.
   * @param begun told of the page's first children as soon as they are known, where that is before the whole page is
   * @throws EtcdError `compacted` when the listing's revision is gone; list again from the start then.
   */
  next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage>;
}

/** What a page begins with: all that is known of it so far, the children told before being the same objects. */
export type PageBeginning = Pick<ChildPage, 'children' | 'revision'>;

export interface ListOptions {
  /** Only children whose names begin with these bytes. */
  readonly namePrefix?: Uint8Array;
  /** Only children from this position on: the path of the first one wanted. */
  readonly from?: Uint8Array | undefined;
  /** List as of this revision, where the store has `history`. */
  readonly revision?: bigint;
}

export interface ScanOptions extends ReadOptions {
  /** Without it the values are left out, and `value` is empty. */
  readonly values?: boolean;
  /**
   * Where the store has no pages of a range (v2), read it level by level: not in key order, and each level as it is then, but
   * without ever holding more than some levels. A range's start need not be a directory then.
   */
  readonly levels?: boolean;
}

/** Keys of a range in key order. */
export interface ScanPage {
  readonly kvs: readonly KeyValue[];
  /** Keys in the whole range. */
  readonly total: number;
  /** The revision all pages show. */
  readonly revision: bigint;
}

/** Keys that are decoded each time that they are asked for. */
export interface KeyList {
  readonly length: number;
  /** Whoever keeps it keeps a copy, since it holds the whole page in memory. @throws RangeError */
  key(index: number): Uint8Array;
  /** The key as UTF-8, with U+FFFD in place of what is none. @throws RangeError */
  text(index: number): string;
}

/** Keys of a range in key order, without anything else that is known of them. */
export interface KeyPage {
  readonly keys: KeyList;
  /** Keys in the whole range. */
  readonly total: number;
  /** The revision all pages show. */
  readonly revision: bigint;
}

/** What a write expects of the key: that it is absent, or that its last change was at this revision. */
export type Expectation = 'absent' | { readonly modRevision: bigint };

/**
 * How long a key is to live: as it did before (a new key for good), for good, with a lease, or for so many seconds: v3 grants
 * a lease for it, v2 has a time to live at the key.
 */
export type Lifetime = 'keep' | 'forever' | { readonly lease: bigint } | { readonly ttl: number };

export interface PutOptions {
  /** `keep` by default. */
  readonly lifetime?: Lifetime;
  /** Answer with the key as it was before. */
  readonly previous?: boolean;
}

export type PutResult =
  | { readonly outcome: 'written'; readonly modRevision: bigint; readonly previous?: KeyValue }
  | { readonly outcome: 'conflict'; readonly current: KeySnapshot };

export interface DeleteOptions {
  /** Delete only if no key in the ranges was written after this revision. */
  readonly unchangedSince?: bigint;
  /** Answer with the keys as they were before. */
  readonly previous?: boolean;
}

export type DeleteResult =
  | {
      readonly outcome: 'deleted';
      readonly keys: number;
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
      readonly revision: bigint;
      /** The keys that were overwritten or deleted, as they were before. */
      readonly previous: readonly KeyValue[];
    }
  /** Nothing was changed; the keys that are not as expected, as they are. */
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
  /** Of v2: a directory was created, or deleted with all that was in it, for which there are no events of their own. */
  | {
      readonly kind: 'folder';
      readonly deleted: boolean;
      /** Ends with the separator. */
      readonly prefix: Uint8Array;
      readonly modRevision: bigint;
    };

/** Events in the order of their revisions, whole revisions only; none where a revision is all there is to tell. */
export interface WatchBatch {
  /** Every event up to this revision has been told. */
  readonly revision: bigint;
  readonly events: readonly KeyEvent[];
}

export interface WatchOptions {
  /** The first revision whose events are told, at most the one after the present; those after this moment without it. */
  readonly fromRevision?: bigint;
  /** Tell each key as it was before, too, where that is not compacted. v2 does so in any case. */
  readonly previous?: boolean;
  /** Say by an empty batch when everything up to the present has been told, where the store `tellsEnd`. */
  readonly catchUp?: boolean;
  /** Is called each time that the watch is cut off, before it tries again; the next batch, be it empty, says that it goes on. */
  readonly interrupted?: (reason: EtcdError) => void;
  readonly signal: AbortSignal;
}

export interface LeaseInfo {
  readonly id: bigint;
  /** Seconds left. */
  readonly ttl: number;
  /** Seconds it was granted for, and gets again by `keepAlive`. */
  readonly grantedTtl: number;
  readonly keys: readonly Uint8Array[];
}

/** Leases of a v3 store. A lease that does not exist any more is `undefined`. */
export interface Leases {
  /** @param ttl seconds; etcd may grant more */
  grant(ttl: number): Promise<bigint>;
  /** Ends the lease and deletes every key that is attached to it. */
  revoke(lease: bigint): Promise<void>;
  /** Gives the lease its whole time again; the seconds it has now. */
  keepAlive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
  /** Seconds left. */
  timeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
  info(lease: bigint, signal?: AbortSignal): Promise<LeaseInfo | undefined>;
  list(signal?: AbortSignal): Promise<readonly bigint[]>;
}

/** What one store can do and another cannot. */
export interface Capabilities {
  /** Folders exist in their own right, empty ones too; the store then has `createDirectory`. */
  readonly emptyFolders: boolean;
  /** False of a connection that its settings make read-only. */
  readonly writable: boolean;
  readonly leases: boolean;
  /** Reads as of an earlier revision, back to the last compaction. */
  readonly history: boolean;
  /** Steps that one transaction can have; 1 where there are no transactions. */
  readonly transactionSteps: number;
  /**
   * How `watch` follows changes: by a stream of events; by `longPoll`, a request for each event, which loses events (`compacted`)
   * where more than 1,000 come between two; or not at all (`none`), since something in between holds the answers back, which
   * shows only when a first watch has failed as `unsupported`.
   */
  readonly following: 'watch' | 'longPoll' | 'none';
  /** Whether a watch of what was can say where the present begins: etcd from 3.4.25 and 3.5.8 on, by gRPC. */
  readonly tellsEnd: boolean;
}

/** What the screens ask of an etcd, whichever API it speaks. Every failure is an `EtcdError`. */
export interface KeyStore {
  readonly capabilities: Capabilities;
  /** How keys are divided into folders. */
  readonly hierarchy: Hierarchy;
  /** Where the store has leases. */
  readonly leases?: Leases;
  get(key: Uint8Array, options?: ReadOptions): Promise<KeySnapshot>;
  /** Several keys in the order asked for, undefined where there is none; in v3 all at one revision. Values come only where they are asked for, and the caller minds their size. */
  getMany(
    keys: readonly Uint8Array[],
    options?: ScanOptions,
  ): Promise<{ readonly revision: bigint; readonly kvs: readonly (KeyValue | undefined)[] }>;
  /** The only ranges that this user may read or write; undefined where no restriction is known. */
  permitted?(access: 'read' | 'write', signal?: AbortSignal): Promise<readonly KeyRange[] | undefined>;
  /** Why there is no room for such a key or value, as a sentence. */
  problemOf?(key: Uint8Array, value?: Uint8Array): string | undefined;
  /** Hexadecimal digits that tell the cluster apart from others, whose revisions mean nothing here; absent in v2. */
  clusterId?(signal?: AbortSignal): Promise<string>;
  /** Lists the folder of all keys that begin with the prefix, which is empty for the root. No request is made before `next`. */
  listChildren(prefix: Uint8Array, options?: ListOptions): ChildListing;
  /**
   * All keys of a range in pages, all at one revision; memory holds two pages at most.
   * @throws EtcdError `compacted` when that revision is gone before the end
   */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<ScanPage>;
  /** As `scan`, in larger pages and in half of its time. */
  scanKeys(range: KeyRange, options?: Omit<ScanOptions, 'values'>): AsyncIterable<KeyPage>;
  /** Keys in all the ranges together: as of one revision in v3, and in v2 as of this one or newer ones. */
  count(
    ranges: readonly KeyRange[],
    signal?: AbortSignal,
  ): Promise<{ readonly keys: number; readonly revision: bigint }>;
  /** Writes a value in one transaction if the expectation holds. */
  put(key: Uint8Array, value: Uint8Array, expected: Expectation, options?: PutOptions): Promise<PutResult>;
  /**
   * Deletes all keys of the ranges, which do not overlap: in one transaction in v3, `capabilities.transactionSteps` of them at
   * most; in v2, which has none, range after range, and where that stops half-way the error says so.
   */
  delete(ranges: readonly KeyRange[], options?: DeleteOptions): Promise<DeleteResult>;
  /**
   * Carries out all steps or none, each key at most once as put or delete.
   * @param changes `capabilities.transactionSteps` at most
   */
  transact(changes: readonly Change[]): Promise<TransactionResult>;
  /**
   * The events of a range, until `signal` aborts or the iteration ends. The first batch comes as soon as the watch stands, and is
   * empty. Where a connection or a member is lost, it goes on by itself, with nothing missed and nothing told twice; an
   * iteration that is slower than the events gets them in larger batches, and holds up no other watch.
   * @throws EtcdError `compacted` when events that were asked for are gone: read anew, and watch from the revision after that;
   * `permissionDenied` where a part of the range may not be read; `unsupported` where changes cannot be followed: poll instead
   */
  watch(range: KeyRange, options: WatchOptions): AsyncIterable<WatchBatch>;
  /** Creates an empty folder; its prefix ends with a separator, `ttl` is in seconds. */
  createDirectory?(prefix: Uint8Array, ttl?: number): Promise<void>;
  /** Removes a folder and those below it, each only where nothing is in it. */
  removeEmptyDirectories?(prefix: Uint8Array): Promise<void>;
}
