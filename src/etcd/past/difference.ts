import type { KeyMetadata } from '../keyStore.ts';

/** A key that differs. `name` is what follows the prefix. */
export type Difference =
  | { readonly kind: 'added'; readonly name: Uint8Array; readonly right: KeyMetadata }
  | { readonly kind: 'deleted'; readonly name: Uint8Array; readonly left: KeyMetadata }
  | ChangedKey;

/** A key that both sides have: with another value, or written again with the same value and perhaps another lease. */
export interface ChangedKey {
  readonly kind: 'changed' | 'rewritten' | 'leaseChanged';
  readonly name: Uint8Array;
  readonly left: KeyMetadata;
  readonly right: KeyMetadata;
}
