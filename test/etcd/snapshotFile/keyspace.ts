import assert from 'node:assert/strict';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import type { Change, KeyMetadata, KeyStore, ScanOptions } from '../../../src/etcd/keyStore.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';

export const ALL = prefixRange(new Uint8Array());

export async function connectTo(server: EtcdServer, credentials?: Credentials): Promise<OpenEtcd> {
  return await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3', transport: 'grpc' }, credentials);
}

/** Returns random numbers from 0 to below 1, the same for the same seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Creates, changes and deletes keys in single writes and in transactions of several; some have a lease. */
export async function live(store: KeyStore, transactions: number, seed = 1): Promise<void> {
  const random = numbersFrom(seed);
  const lease = await store.leases?.grant(3600);
  const known = new Map<string, bigint>();
  const names = Array.from({ length: 40 }, (_, index) => nameOf(index));
  for (let step = 0; step < transactions; step++) {
    const chosen = new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => Math.floor(random() * 40)));
    const changes = [...chosen].map((index): Change => {
      const key = names[index] ?? bytes('none');
      const modRevision = known.get(String(index));
      if (modRevision !== undefined && random() < 0.3) return { kind: 'delete', key, expected: { modRevision } };
      const value = bytes('v'.repeat(Math.floor(random() * 200)));
      const expected = modRevision === undefined ? 'absent' : { modRevision };
      const lifetime = lease !== undefined && random() < 0.2 ? { lifetime: { lease } } : {};
      return { kind: 'put', key, value, expected, ...lifetime };
    });
    const result = await store.transact(changes);
    assert.ok(result.outcome === 'done');
    for (const [at, index] of [...chosen].entries())
      if (changes[at]?.kind === 'put') known.set(String(index), result.revision);
      else known.delete(String(index));
  }
}

function nameOf(index: number): Uint8Array {
  if (index === 0) return Uint8Array.of(0, 0xff, 0x2f);
  if (index === 1) return bytes('/');
  if (index === 2) return bytes(`/long/${'name'.repeat(500)}`);
  return bytes(`/folder ${index % 5}/${index % 3}/key ${index}`);
}

/** Converts a key for comparison and messages. */
export function plain({ key, ...rest }: KeyMetadata) {
  return { key: Buffer.from(key).toString('latin1'), ...rest };
}

/** Returns all keys as a scan yields them. */
export async function contentOf(store: KeyStore, options: ScanOptions = {}) {
  const found: unknown[] = [];
  let total = 0;
  for await (const page of store.scan(ALL, { values: true, ...options })) {
    for (const kv of page.kvs) found.push({ ...plain(kv), value: Buffer.from(kv.value).toString('latin1') });
    ({ total } = page);
  }
  return { found, total };
}

/** Returns the names of all children, folder by folder, with the number of keys in each folder. */
export async function treeOf(
  store: KeyStore,
  revision: bigint,
  prefix: Uint8Array = new Uint8Array(),
): Promise<string[]> {
  const listing = store.listChildren(prefix, { revision });
  const found: string[] = [];
  for (let done = false; !done;) {
    const page = await listing.next(7);
    ({ done } = page);
    for (const { kind, path } of page.children) {
      found.push(`${kind} ${Buffer.from(path).toString('latin1')}`);
      if (kind === 'folder') found.push(...(await treeOf(store, revision, path)));
    }
  }
  return found;
}
