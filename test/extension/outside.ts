import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { KV } from '../../src/etcd/v3/transport/rpc_pb.js';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import { bytes, settingsFor } from '../etcd/connecting.ts';

/** The endpoint of the etcd that `run.ts` started for these tests. */
export const ENDPOINT = requireVariable('ETCD_TEST_ENDPOINT');

/** Another client of the same etcd, such as a colleague's. */
export class Outside {
  readonly #connection: Awaited<ReturnType<typeof connectV3>>;

  private constructor(connection: Awaited<ReturnType<typeof connectV3>>) {
    this.#connection = connection;
  }

  static async connect(): Promise<Outside> {
    return new Outside(await connectV3(settingsFor(ENDPOINT)));
  }

  get store() {
    return this.#connection.store;
  }

  get session() {
    return this.#connection.session;
  }

  /** Writes keys, whatever was there before. */
  async put(...entries: readonly (readonly [key: string | Uint8Array, value: string | Uint8Array, lease?: bigint])[]) {
    for (let start = 0; start < entries.length; start += 100) {
      const success = entries.slice(start, start + 100).map(([key, value, lease = 0n]) => ({
        request: { case: 'requestPut' as const, value: { key: asBytes(key), value: asBytes(value), lease } },
      }));
      await this.#connection.session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
    }
  }

  async value(key: string | Uint8Array): Promise<string | undefined> {
    const { kv } = await this.#connection.store.get(asBytes(key));
    return kv && Buffer.from(kv.value).toString();
  }

  async deletePrefix(prefix: string): Promise<void> {
    await this.#connection.store.delete([prefixRange(bytes(prefix))]);
  }

  /** Compacts etcd up to now. */
  async compact(): Promise<void> {
    const { revision } = await this.#connection.store.get(bytes('/compact'));
    const body = JSON.stringify({ revision: String(revision), physical: true });
    const { ok } = await fetch(`${ENDPOINT}/v3/kv/compaction`, { method: 'POST', body });
    if (!ok) throw new Error('etcd does not compact');
  }

  close(): void {
    this.#connection.close();
  }
}

function asBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? bytes(content) : content;
}

function requireVariable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by "npm test -- extension"`);
  return value;
}
