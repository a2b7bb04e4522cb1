import type { KeyMetadata, KeyValue } from './keyStore.ts';

/** What etcd knows about a key, with the size of its value in place of it. */
export interface KeyFacts extends Omit<KeyMetadata, 'key'> {
  /** Bytes of the value. */
  readonly size: number;
}

export function factsOf({ key: _key, value, ...facts }: KeyValue): KeyFacts {
  return { ...facts, size: value.length };
}
