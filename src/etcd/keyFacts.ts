import type { KeyMetadata, KeyValue } from './keyStore.ts';

/** What etcd knows about a key, with the size of its value in place of the value. */
export interface KeyFacts extends Omit<KeyMetadata, 'key'> {
  /** Size of the value in bytes. */
  readonly size: number;
}

export function factsOf({ key: _key, value, ...facts }: KeyValue): KeyFacts {
  return { ...facts, size: value.length };
}
