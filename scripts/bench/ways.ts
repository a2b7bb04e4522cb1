import { prefixRange } from '../../src/etcd/keyspace/ranges.ts';
import { connectV3 } from '../../src/etcd/v3/connectV3.ts';
import { FolderHints, listChildren, type Pace, type RangeReader } from '../../src/etcd/keyspace/childListing.ts';
import { rangeReader } from '../../src/etcd/v3/rangeReader.ts';
import { KV } from '../../src/etcd/v3/rpc_pb.js';
import { settingsFor } from './settings.ts';

export const TRANSPORTS = ['grpc', 'gateway'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export interface Cost {
  readonly milliseconds: number;
  readonly requests: number;
  readonly bytes: number;
  readonly children: number;
}

/** One way to learn a folder's children. */
export interface Way {
  /** @param most children to list; the ways that read everything do so whatever it is */
  list(most?: number): Promise<Cost>;
  close(): void;
}

/**
 * This project's listing of a folder as the tree opens it: the level above has been listed, and with it the folder's size is known.
 * @param pace a fixed one, in place of the one that follows the round trips
 */
export async function ourWay(
  endpoint: string,
  folder: string,
  transport: TransportName,
  pace?: Pace,
): Promise<Way & { returned(): number }> {
  const bill = { requests: 0, bytes: 0, returned: 0 };
  const log = ({ bytes = 0 }) => {
    bill.requests++;
    bill.bytes += bytes;
  };
  const { session, store, close } = await connectV3({ ...settingsFor(endpoint, log), transport });
  const read = rangeReader(session);
  const billed: RangeReader = async (...request) => {
    const answer = await read(...request);
    for (const { keys } of answer.results) bill.returned += keys.length;
    return answer;
  };
  const prefix = Buffer.from(folder);
  const hints = new FolderHints();
  const start = (path = prefix) => (pace ? listChildren(billed, path, { pace, hints }) : store.listChildren(path));
  await start(Buffer.from(store.hierarchy.parentOf(prefix))).next(Infinity);
  return {
    async list(most = Infinity) {
      Object.assign(bill, { requests: 0, bytes: 0, returned: 0 });
      const started = performance.now();
      const { children } = await start().next(most);
      return { milliseconds: performance.now() - started, children: children.length, ...bill };
    },
    returned: () => bill.returned,
    close,
  };
}

/** All keys below the folder in one request through the gateway, with nothing but `fetch` and `JSON.parse`. */
export function gatewayScan(endpoint: string, folder: string): Way {
  const { start, end } = prefixRange(Buffer.from(folder));
  const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64');
  return {
    async list() {
      const started = performance.now();
      const body = JSON.stringify({ key: base64(start), range_end: base64(end), keys_only: true });
      const text = await (await fetch(`${endpoint}/v3/kv/range`, { method: 'POST', body })).text();
      const { kvs } = JSON.parse(text) as { readonly kvs?: readonly { readonly key: string }[] };
      if (!kvs) throw new Error(`the gateway answered ${text.slice(0, 200)}`);
      const children = distinctChildren(
        kvs.map(({ key }) => Buffer.from(key, 'base64').toString('latin1')),
        folder,
      );
      return { milliseconds: performance.now() - started, requests: 1, bytes: text.length, children };
    },
    close: () => undefined,
  };
}

/** As other browsers of etcd do it: the whole subtree with its values, from which the level is taken. */
export async function wholeSubtree(endpoint: string, folder: string): Promise<Way> {
  let bytes = 0;
  const log = (entry: { readonly bytes?: number }) => (bytes = entry.bytes ?? 0);
  const { session, close } = await connectV3({ ...settingsFor(endpoint, log), transport: 'grpc' });
  const { start: key, end: rangeEnd } = prefixRange(Buffer.from(folder));
  return {
    async list() {
      const started = performance.now();
      const { kvs } = await session.call(KV.method.range, { key, rangeEnd }, { repeatable: true, requireLeader: true });
      const children = distinctChildren(
        kvs.map((kv) => Buffer.from(kv.key).toString('latin1')),
        folder,
      );
      return { milliseconds: performance.now() - started, requests: 1, bytes, children };
    },
    close,
  };
}

function distinctChildren(keys: readonly string[], folder: string): number {
  const end = (key: string) => key.indexOf('/', folder.length) + 1;
  return new Set(keys.map((key) => key.slice(0, end(key) || undefined))).size;
}
