import { EtcdError } from '../errors.ts';

interface History<Value> {
  readonly capabilities: { readonly history: boolean };
  get(key: Uint8Array, options: { readonly revision: bigint }): Promise<{ readonly kv?: Value }>;
}

/** Reads a key as it was at a revision. Undefined if it did not exist, or if etcd no longer has that revision. */
export async function keyAt<Value>(
  store: History<Value>,
  key: Uint8Array,
  revision: bigint,
): Promise<Value | undefined> {
  if (!store.capabilities.history) return undefined;
  try {
    return (await store.get(key, { revision })).kv;
  } catch (error) {
    if (EtcdError.is(error, 'compacted')) return undefined;
    throw error;
  }
}
