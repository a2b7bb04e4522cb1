import { prefixRange } from '../../src/etcd/keyspace/ranges.ts';
import { connectV3 } from '../../src/etcd/v3/connectV3.ts';
import {
  FolderHints,
  listChildren,
  RoundTripPace,
  type Pace,
  type RangeReader,
} from '../../src/etcd/keyspace/childListing.ts';
import { sum } from '../../src/etcd/sum.ts';
import { SLASHES } from '../../src/etcd/keyspace/hierarchy.ts';
import { rangeReader } from '../../src/etcd/v3/rangeReader.ts';
import { KV } from '../../src/etcd/v3/rpc_pb.js';
import { COSTS, idealRequests } from '../../test/unit/keyspace/idealListing.ts';
import { sortedKeys } from '../../test/unit/keyspace/memoryReader.ts';
import { farPace } from '../../test/unit/keyspace/paces.ts';
import { countingRoundTrips } from '../../test/unit/keyspace/roundTrips.ts';
import { settingsFor } from './settings.ts';
import { SHAPES } from './shapes.ts';

/** What the tree asks for at first. */
export const PAGE = 500;

export const TRANSPORTS = ['grpc', 'gateway'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export interface Cost {
  readonly milliseconds: number;
  readonly requests: number;
  readonly bytes: number;
  readonly children: number;
  /** Round trips made one after another until the first children were told. */
  readonly trips?: number;
}

/** One way to learn a folder's children. */
export interface Way {
  /**
   * @param most children to list; the ways that read everything do so whatever it is
   * @param isAgain whether the listing before, of the same folder, may be remembered
   */
  list(most?: number, isAgain?: boolean): Promise<Cost>;
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
  pace: Pace = new RoundTripPace(),
): Promise<Way & { returned(): number }> {
  const bill = { requests: 0, bytes: 0, returned: 0 };
  const log = ({ bytes = 0 }) => {
    bill.requests++;
    bill.bytes += bytes;
  };
  const { session, close } = await connectV3({ ...settingsFor(endpoint, log), transport });
  const read = rangeReader(session);
  const billed: RangeReader = async (...request) => {
    const answer = await read(...request);
    for (const { keys } of answer.results) bill.returned += keys.length;
    return answer;
  };
  const prefix = Buffer.from(folder);
  const above = new FolderHints();
  await listChildren(billed, SLASHES.parentOf(prefix), { pace, hints: above }).next(Infinity);
  const hint = above.get(folder);
  const opened = (): FolderHints => {
    const hints = new FolderHints();
    if (hint) hints.note(folder, hint);
    return hints;
  };
  let hints = opened();
  return {
    async list(most = Infinity, isAgain = false) {
      if (!isAgain) hints = opened();
      Object.assign(bill, { requests: 0, bytes: 0, returned: 0 });
      const counted = countingRoundTrips(billed);
      let trips: number | undefined;
      const started = performance.now();
      const listing = listChildren(counted.read, prefix, { pace, hints });
      const { children } = await listing.next(most, undefined, () => (trips ??= counted.last));
      const milliseconds = performance.now() - started;
      return { milliseconds, children: children.length, trips: trips ?? counted.most, ...bill };
    },
    returned: () => bill.returned,
    close,
  };
}

/**
 * The floor, measured: the requests of somebody who knows all keys and only has to be shown, with proof and with the numbers of
 * keys, what the children are (`idealRequests`), by gRPC, of which as many are under way at a time as a listing may have. The
 * first one finds the revision. No listing that has to find out the names can be faster, other than by chance.
 * @param size of the bench's keyspace
 * @param delay round-trip time that is added, in milliseconds
 */
export async function idealWay(endpoint: string, folder: string, size: number, delay: number): Promise<Way> {
  const keys = SHAPES.find(({ folders }) => folders.some(({ path }) => path === folder))?.keys(size) ?? [];
  const below = sortedKeys(keys.filter((key) => key.startsWith(folder)));
  const requestTime = COSTS.request + delay / farPace.settings.parallel;
  const known = new Map([PAGE, Infinity].map((most) => [most, idealRequests(below, folder, most, requestTime)]));
  let bytes = 0;
  const log = (entry: { readonly bytes?: number }) => (bytes += entry.bytes ?? 0);
  const { session, close } = await connectV3({ ...settingsFor(endpoint, log), transport: 'grpc' });
  const pace = new RoundTripPace();
  const inner = rangeReader(session);
  const read: RangeReader = async (...request) => {
    const answered = pace.start();
    const answer = await inner(...request);
    answered(answer);
    return answer;
  };
  return {
    async list(most = Infinity) {
      const [first = [], ...others] = known.get(most) ?? [];
      bytes = 0;
      const { signal } = new AbortController();
      const started = performance.now();
      const answers = [await read(first, { signal })];
      const revision = answers[0]?.revision ?? 0n;
      const left = others.values();
      const readOn = async () => {
        for (const ranges of left) answers.push(await read(ranges, { revision, signal }));
      };
      await Promise.all(Array.from({ length: pace.settings.parallel }, readOn));
      const milliseconds = performance.now() - started;
      const found = sum(
        answers.flatMap(({ results }) => results.map(({ keys: { length }, count }) => (length ? count : 0))),
      );
      if (most === Infinity && found !== below.length)
        throw new Error(`the floor has ${found} of ${below.length} keys`);
      return { milliseconds, requests: 1 + others.length, bytes, children: 0 };
    },
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
