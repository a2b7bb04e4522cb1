import type { Expectation, KeyValue, Lifetime } from '../keyStore.ts';

/** A key as it was before a change, and how that change left it. */
export interface UndoneChange {
  readonly previous: KeyValue;
  readonly left: Expectation;
  /** The lifetime to restore; by default the earlier lease or time to live, if that still exists. */
  readonly lifetime?: Lifetime;
  /** True if the change gave the key a lease or a time to live, so that etcd may have deleted it since. */
  readonly mayHaveExpired?: boolean;
}

/** A change to undo, or a created key to delete again. */
export type Undone = UndoneChange | { readonly created: Uint8Array; readonly left: { readonly modRevision: bigint } };

/** Returns the key that was changed or created. */
export function undoneKey(change: Undone): Uint8Array {
  return 'created' in change ? change.created : change.previous.key;
}

/** Returns the bytes of remembering a change: its key and the value before it. */
export function bytesOfUndone(change: Undone): number {
  return undoneKey(change).length + ('created' in change ? 0 : change.previous.value.length);
}
