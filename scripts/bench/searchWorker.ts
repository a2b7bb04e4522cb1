import { monitorEventLoopDelay } from 'node:perf_hooks';
import { keyMatcher } from '../../src/etcd/search/keyMatcher.ts';
import type { KeyQuery } from '../../src/etcd/search/keyQuery.ts';
import { searchKeys } from '../../src/etcd/search/searchKeys.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { settingsFor } from './settings.ts';

/** A process for one search, so that its memory and its pauses can be measured. */

export interface SearchFigures {
  readonly milliseconds: number;
  readonly firstMilliseconds: number;
  readonly found: number;
  readonly scanned: number;
  readonly requests: number;
  /** Bytes received. */
  readonly bytes: number;
  /** Bytes of the longest answer. */
  readonly mostBytes: number;
  /** Bytes by which the process's peak memory exceeds its memory before. */
  readonly memory: number;
  /** Longest time in milliseconds that other work of the process had to wait. */
  readonly longestPause: number;
}

const kilobyte = 1024;
const nanosecondsPerMillisecond = 1e6;

/** @param query for all keys below `/` */
export async function measureSearch(endpoint: string, query: KeyQuery): Promise<SearchFigures> {
  const bill = { requests: 0, bytes: 0, mostBytes: 0 };
  const log = ({ bytes = 0 }) => {
    bill.requests++;
    bill.bytes += bytes;
    bill.mostBytes = Math.max(bill.mostBytes, bytes);
  };
  const { store, close } = await connectV3({ ...settingsFor(endpoint, log), transport: 'grpc' });
  try {
    Object.assign(bill, { requests: 0, bytes: 0, mostBytes: 0 });
    const before = process.memoryUsage.rss();
    const pauses = monitorEventLoopDelay({ resolution: 1 });
    pauses.enable();
    const started = performance.now();
    let firstMilliseconds = Number.NaN;
    let found = 0;
    let scanned = 0;
    const matcher = keyMatcher(query, new Uint8Array(), store.hierarchy.separators);
    for await (const step of searchKeys(store, matcher)) {
      if (found === 0 && step.hits.length > 0) firstMilliseconds = performance.now() - started;
      found += step.hits.length;
      ({ scanned } = step);
    }
    const milliseconds = performance.now() - started;
    pauses.disable();
    const memory = Math.max(0, process.resourceUsage().maxRSS * kilobyte - before);
    const longestPause = pauses.max / nanosecondsPerMillisecond;
    return { milliseconds, firstMilliseconds, found, scanned, ...bill, memory, longestPause };
  } finally {
    close();
  }
}

const [endpoint, query] = process.argv.slice(2);
if (process.send && endpoint !== undefined && query !== undefined) {
  // The parent process has just written this in the same shape.
  process.send(await measureSearch(endpoint, JSON.parse(query) as KeyQuery));
  process.disconnect();
}
