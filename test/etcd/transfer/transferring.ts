import assert from 'node:assert/strict';
import { connectEtcd, type Api } from '../../../src/etcd/connect/connect.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { isOneCluster, type TransferPlan } from '../../../src/etcd/transfer/transferPlan.ts';
import type { TransferReport } from '../../../src/etcd/transfer/transferReport.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import type { SecondWriter } from '../secondWriter.ts';

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

/** Plans a transfer of all keys of a prefix, with both stores as they are now. */
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

/** Formats a report as texts. */
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

/** Names of keys to move, some of which another client writes too; each exists only here or only there. */
export const TWENTY = Array.from({ length: 20 }, (_, index) => String(index).padStart(2, '0'));
export const CONTESTED = TWENTY.slice(14);

interface Both {
  readonly left: Readonly<Record<string, string>>;
  readonly there: Readonly<Record<string, string>>;
  readonly from: string;
  readonly to: string;
}

/**
 * Checks what must hold after keys with the values `value of NAME` were moved while another client wrote some of them.
 */
export async function checkBoth(report: TransferReport, other: SecondWriter, { left, there, from, to }: Both) {
  const { taken, changed, denied, impossible, stale } = told(report);
  assert.deepEqual([denied, impossible], [[], []]);
  const contested = new Set([from, to].flatMap((prefix) => CONTESTED.map((name) => prefix + name)));
  for (const key of [...taken, ...changed, ...stale]) assert.ok(key !== undefined && contested.has(key), key);
  for (const name of TWENTY)
    if (!CONTESTED.includes(name))
      assert.deepEqual([left[from + name], there[to + name]], [undefined, `value of ${name}`], name);
    else assert.ok((left[from + name] ?? there[to + name]) !== undefined, `${name} is lost`);
  await other.check(async (key) => {
    const name = key.slice(key.startsWith(from) ? from.length : to.length);
    return [left[from + name], there[to + name]];
  });
}
