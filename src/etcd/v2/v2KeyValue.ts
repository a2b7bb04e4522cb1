import type { KeyValue } from '../keyStore.ts';
import type { V2Node } from './v2Client.ts';

/** Converts a v2 node that is a key. */
export function toKeyValue(key: Uint8Array, { value, createdIndex, modifiedIndex, ttl }: V2Node): KeyValue {
  return {
    key,
    value: new TextEncoder().encode(value),
    createRevision: createdIndex,
    modRevision: modifiedIndex,
    ...(ttl !== undefined && { ttl }),
  };
}
