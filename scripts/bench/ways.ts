import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import {
  FolderHints,
  listChildren,
  RoundTripPace,
  type Pace,
  type RangeReader,
} from '../../src/etcd/listing/childListing.ts';
import { sum } from '../../src/etcd/sum.ts';
import { SLASHES, type Hierarchy } from '../../src/etcd/keys/hierarchy.ts';
import { listingReader } from '../../src/etcd/v3/listingReader.ts';
import { KV } from '../../src/etcd/v3/transport/rpc_pb.js';
import { COSTS, idealRequests } from '../../test/unit/listing/idealListing.ts';
import { sortedKeys } from '../../test/unit/listing/memoryReader.ts';
import { farPace } from '../../test/unit/listing/paces.ts';
import { countingRoundTrips } from '../../test/unit/listing/roundTrips.ts';
import { settingsFor } from './settings.ts';
import { SHAPES } from './shapes.ts';

/** Children that the tree asks for at first. */
export const PAGE = 500;

export const TRANSPORTS = ['grpc', 'gateway'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export interface Cost {
  readonly milliseconds: number;
  readonly requests: number;
  readonly bytes: number;
  readonly children: number;
  /** Sequential round trips until the first children were reported. */
  readonly trips?: number;
}

/** One way to learn a folder's children. */
export interface Way {
  /**
   * @param most children to list; ways that read everything ignore it
   * @param isAgain whether an earlier listing of the same folder may be remembered
   */
  list(most?: number, isAgain?: boolean): Promise<Cost>;
  close(): void;
}

/**
 * Lists a folder as the tree opens it: the level above was listed, so the folder's size is known.
 * @param options a fixed pace, in place of the one that follows the round trips, and the keys' hierarchy
 */
export async function ourWay(
  endpoint: string,
  folder: string,
  transport: TransportName,
  { pace = new RoundTripPace(), hierarchy = SLASHES }: { readonly pace?: Pace; readonly hierarchy?: Hierarchy } = {},
): Promise<Way & { returned(): number }> {
  const bill = { requests: 0, bytes: 0, returned: 0 };
  const log = ({ bytes = 0 }) => {
    bill.requests++;
    bill.bytes += bytes;
  };
  const { session, close } = await connectV3({ ...settingsFor(endpoint, log), transport });
  const read = listingReader(session);
  const billed: RangeReader = async (...request) => {
    const answer = await read(...request);
    for (const { keys } of answer.results) bill.returned += keys.length;
    return answer;
  };
  const prefix = Buffer.from(folder);
  const above = new FolderHints();
  await listChildren(billed, hierarchy.parentOf(prefix), { pace, hierarchy, hints: above }).next(Infinity);
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
      const listing = listChildren(counted.read, prefix, { pace, hierarchy, hints });
      let [children, isDone] = [0, false];
      while (!isDone && children < most) {
        const page = await listing.next(most - children, undefined, () => (trips ??= counted.last));
        children += page.children.length;
        isDone = page.done;
      }
      const milliseconds = performance.now() - started;
      return { milliseconds, children, trips: trips ?? counted.most, ...bill };
    },
    returned: () => bill.returned,
    close,
  };
}

/**
 * Measures the floor: the requests of someone who knows all keys, and only has to prove what the children are and how
 * many keys they have (`idealRequests`), by gRPC, with as many requests at a time as a listing. The first request finds
 * the revision. Except by chance, no listing that has to find the names can be faster.
 * @param size of the bench's keyspace
 * @param delay added round-trip time in milliseconds
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
  const inner = listingReader(session);
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

/** Reads all keys below the folder in one request through the gateway, with only `fetch` and `JSON.parse`. */
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

/** Reads the whole subtree with its values, as other browsers of etcd do, and takes the level from it. */
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
