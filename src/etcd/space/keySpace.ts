/** Space that keys take. All figures are exact. */
export interface KeySpace {
  /** Number of keys that exist. */
  readonly keys: number;
  /** Bytes of their names and values. */
  readonly bytes: number;
  /** Number of versions and deletions, also of deleted keys. */
  readonly revisions: number;
  /** Bytes of names and values in all of these. */
  readonly allBytes: number;
}

/** Space that a folder takes, or a key that has no folder. */
export interface ChildSpace extends KeySpace {
  readonly kind: 'folder' | 'key';
  /** The whole key, or the prefix with its last separator. */
  readonly path: Uint8Array;
}

export interface ChildSpaces {
  /** What the whole level takes. */
  readonly all: KeySpace;
  readonly rows: readonly ChildSpace[];
  /** Folders and keys that are not among the rows. */
  readonly others: number;
}
