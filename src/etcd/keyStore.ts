/** A key's record without its value. Revisions are etcd's 64-bit counters; `lease` is 0n where the key has none. */
export interface KeyMetadata {
  readonly key: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** Number of writes since the key was created. */
  readonly version: bigint;
  readonly lease: bigint;
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

/** What the screens ask of an etcd, whichever API it speaks. Every failure is an `EtcdError`. */
export interface KeyStore {
  get(key: Uint8Array, signal?: AbortSignal): Promise<KeySnapshot>;
  /** Lists the folder whose prefix is empty (the root) or ends with the separator. No request is made before `next`. */
  listChildren(prefix: Uint8Array, options?: ListOptions): ChildListing;
  /** Keys in all the ranges together, counted at one revision. */
  count(
    ranges: readonly KeyRange[],
    signal?: AbortSignal,
  ): Promise<{ readonly keys: number; readonly revision: bigint }>;
  /** Writes a value in one transaction if the expectation holds. An existing key keeps its lease. */
  put(key: Uint8Array, value: Uint8Array, expected: Expectation): Promise<PutResult>;
  /** Deletes all keys of the ranges (128 at most, not overlapping) in one transaction. */
  delete(ranges: readonly KeyRange[], options?: DeleteOptions): Promise<DeleteResult>;
  /** Remaining seconds of a lease; undefined when it does not exist any more. */
  leaseTimeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined>;
}
