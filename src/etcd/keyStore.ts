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
  /** The segment's bytes, without separator; may be empty. */
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
  /** The revision all pages of this listing show. */
  readonly revision: bigint;
}

/** The children of one folder in key order, page by page, all at the revision of the first page. */
export interface ChildListing {
  /**
   * Next children, at most `size`. A failed or aborted call loses nothing: calling again goes on where it stopped.
   * @throws EtcdError `compacted` when the listing's revision is gone; list again from the start then.
   */
  next(size: number, signal?: AbortSignal): Promise<ChildPage>;
}

export interface ListOptions {
  /** Only children whose names begin with these bytes. */
  readonly namePrefix?: Uint8Array;
}

/** What a write expects of the key: that it is absent, or that its last change was at this revision. */
export type Expectation = 'absent' | { readonly modRevision: bigint };

export type PutResult =
  | { readonly outcome: 'written'; readonly modRevision: bigint }
  | { readonly outcome: 'conflict'; readonly current: KeySnapshot };

export type DeleteResult =
  | { readonly outcome: 'deleted'; readonly keys: number; readonly revision: bigint }
  /** A key in the ranges was written after `unchangedSince`; nothing was deleted. */
  | { readonly outcome: 'changed' };

export interface DeleteOptions {
  /** Delete only if no key in the ranges was written after this revision. */
  readonly unchangedSince?: bigint;
}

/** What one store can do and another cannot. */
export interface Capabilities {
  readonly leases: boolean;
  /** Folders exist in their own right, empty ones too; the store then has `createDirectory`. */
  readonly emptyFolders: boolean;
}

/** What the screens ask of an etcd, whichever API it speaks. Every failure is an `EtcdError`. */
export interface KeyStore {
  readonly capabilities: Capabilities;
  get(key: Uint8Array, signal?: AbortSignal): Promise<KeySnapshot>;
  /** Lists the folder whose prefix is empty (the root) or ends with the separator. No request is made before `next`. */
  listChildren(prefix: Uint8Array, options?: ListOptions): ChildListing;
  /** Keys in all the ranges together: as of one revision in v3, and in v2 as of this one or newer ones. */
  count(
    ranges: readonly KeyRange[],
    signal?: AbortSignal,
  ): Promise<{ readonly keys: number; readonly revision: bigint }>;
  /** Writes a value in one transaction if the expectation holds. An existing key keeps its lease or time to live. */
  put(key: Uint8Array, value: Uint8Array, expected: Expectation): Promise<PutResult>;
  /**
   * Deletes all keys of the ranges (128 at most, not overlapping): in one transaction in v3; in v2, which has none, range
   * after range, and where that stops half-way the error says so.
   */
  delete(ranges: readonly KeyRange[], options?: DeleteOptions): Promise<DeleteResult>;
  /** Remaining seconds of a lease; undefined when it does not exist any more. */
  leaseTimeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
  /** Creates an empty folder; its prefix ends with the separator, `ttl` is in seconds. */
  createDirectory?(prefix: Uint8Array, ttl?: number): Promise<void>;
}
