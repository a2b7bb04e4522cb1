import assert from 'node:assert/strict';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { bytes } from './connecting.ts';

/** Writes a value over whatever the key has, as nobody else writes it meanwhile. Returns the revision of the write. */
export async function putValue(store: Pick<KeyStore, 'get' | 'put'>, key: Uint8Array, value: string): Promise<bigint> {
  const { kv } = await store.get(key);
  const result = await store.put(key, bytes(value), kv ?? 'absent');
  assert.ok(result.outcome === 'written');
  return result.modRevision;
}
