import { connectEtcd, type Api } from '../../src/etcd/connect.ts';
import type { Credentials } from '../../src/etcd/etcdConnection.ts';
import { prefixRange } from '../../src/etcd/keyspace/ranges.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { isOneCluster, type TransferPlan } from '../../src/etcd/transfer/transferPlan.ts';
import type { TransferReport } from '../../src/etcd/transfer/transferReport.ts';
import type { EtcdServer } from '../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from './connecting.ts';

/** Opens stores of servers, and closes them all. */
export class Stores {
  readonly #open: (() => void)[] = [];

  async of(server: EtcdServer, api: Api = 'v3', credentials?: Credentials): Promise<KeyStore> {
    const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api }, credentials);
    this.#open.push(close);
    return store;
  }

  close(): void {
    for (const close of this.#open.splice(0)) close();
  }
}

/** A plan for all keys of a prefix, made of both stores as they are now. */
export async function planFor(
  stores: KeyStore | readonly [KeyStore, KeyStore],
  from: string,
  to: string,
  more: Partial<TransferPlan> = {},
): Promise<TransferPlan> {
  const [source, target] = 'get' in stores ? [stores, stores] : stores;
  const seen = { source: await revisionOf(source), target: await revisionOf(target) };
  const roots = [{ kind: 'folder' as const, from: bytes(from), to: bytes(to) }];
  const oneCluster = await isOneCluster({ source, target });
  return { source, target, roots, move: true, taken: 'skip', seen, oneCluster, ...more };
}

export async function revisionOf(store: KeyStore): Promise<bigint> {
  return (await store.get(bytes('/none such'))).revision;
}

export async function contents(store: KeyStore, prefix: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { kvs } of store.scan(prefixRange(bytes(prefix)), { values: true }))
    for (const { key, value } of kvs) found[text(key) ?? ''] = text(value) ?? '';
  return found;
}

/** The report as texts. */
export function told({ done, present, overwritten, left, stale }: TransferReport) {
  const names = (keys: { readonly first: readonly Uint8Array[] }) => keys.first.map(text);
  return {
    done,
    present,
    overwritten,
    taken: names(left.taken),
    changed: names(left.changed),
    denied: names(left.denied),
    impossible: names(left.impossible),
    stale: names(stale),
  };
}

export const NOTHING_LEFT = {
  present: 0,
  overwritten: 0,
  taken: [],
  changed: [],
  denied: [],
  impossible: [],
  stale: [],
};
