import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import type { KeyStore, WatchBatch } from '../../src/etcd/keyStore.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { EventRing } from '../../src/etcd/watch/eventRing.ts';
import { Flood } from './flood.ts';
import { loopDelayOf, watchedLoop, type LoopDelay } from './loopDelay.ts';
import type { Section } from './section.ts';
import { settingsFor } from './settings.ts';
import { median, short, table, type Row } from './tables.ts';
import { TRANSPORTS, type TransportName } from './ways.ts';

const TIMES = 1000;
const SECONDS = 5;
const PREFIX = '/bench-watch/';
/** Limits of the Watch view. */
const KEPT = { events: 10_000, bytes: 32 * 1024 * 1024 };

/**
 * Measures following: how long after a write its event arrives, and what ten thousand writes a second do to the process
 * that watches.
 */
export const watching: Section = {
  name: 'watching',
  async run({ versions, server }) {
    const figures: Figures[] = [];
    for (const version of versions)
      for (const transport of TRANSPORTS) {
        const { endpoint } = await server(version);
        const connection = await connectV3({ ...settingsFor(endpoint), transport });
        try {
          const latency = await eventLatency(connection.store);
          figures.push({ version, transport, ...latency, ...(await load(connection.store, endpoint)) });
        } finally {
          connection.close();
        }
      }
    const latencies = figures.map(({ version, transport, put, event, slowest }): Row => [
      transport,
      version,
      short(event / put),
      short(event),
      short(slowest),
    ]);
    const loads = figures.map((each): Row => [
      each.transport,
      each.version,
      short(each.written / each.seconds),
      `${each.told} of ${each.written}`,
      short(each.behind),
      short(each.loopDelay.most99),
      short(each.loopDelay.most),
    ]);
    const latencyTable = table(['put → event', 'etcd', '× the put itself', 'ms', 'ms, slowest 1 %'], latencies);
    const head = ['10,000 writes a second', 'etcd', 'writes/s', 'events', 'last event after, ms'];
    const loadTable = table([...head, 'event loop delay, 99 %, ms', 'most, ms'], loads);
    return { markdown: `${latencyTable}\n\n${loadTable}`, summary: loadTable, figures };
  },
};

interface Latency {
  /** Milliseconds of the median put. */
  readonly put: number;
  /** Milliseconds from sending a put to its event. */
  readonly event: number;
  readonly slowest: number;
}

interface Load {
  readonly written: number;
  readonly told: number;
  /** Seconds that the writes took. */
  readonly seconds: number;
  /** Milliseconds from the last write's answer to its event. */
  readonly behind: number;
  /** Event loop of the process that watches. */
  readonly loopDelay: LoopDelay;
}

interface Figures extends Latency, Load {
  readonly version: string;
  readonly transport: TransportName;
}

async function eventLatency(store: KeyStore): Promise<Latency> {
  const key = Buffer.from(`${PREFIX}latency`);
  const abort = new AbortController();
  const batches = store.watch(prefixRange(Buffer.from(PREFIX)), { signal: abort.signal })[Symbol.asyncIterator]();
  await batches.next();
  const puts: number[] = [];
  const events: number[] = [];
  for (let times = 0; times < TIMES; times++) {
    const { kv } = await store.get(key);
    const came = next(batches).then(() => performance.now());
    const started = performance.now();
    await store.put(key, Buffer.from(String(times)), kv ?? 'absent');
    puts.push(performance.now() - started);
    events.push((await came) - started);
  }
  abort.abort();
  const slowest = events.toSorted((a, b) => b - a)[Math.floor(TIMES / 100)] ?? 0;
  return { put: median(puts), event: median(events), slowest };
}

async function next(batches: AsyncIterator<WatchBatch>): Promise<void> {
  for (;;) {
    const { value, done } = await batches.next();
    if (done || value.events.length > 0) return;
  }
}

/** Records events as the Watch view does, while another process writes. */
async function load(store: KeyStore, endpoint: string): Promise<Load> {
  const abort = new AbortController();
  const ring = new EventRing(KEPT);
  const { promise: stands, resolve } = Promise.withResolvers<void>();
  const { promise: allTold, resolve: tellAll } = Promise.withResolvers<number>();
  const flood = await Flood.prepare(endpoint, PREFIX, SECONDS);
  const { written } = flood;
  const reading = (async () => {
    const options = { signal: abort.signal, previous: true };
    for await (const { events } of store.watch(prefixRange(Buffer.from(PREFIX)), options)) {
      resolve();
      ring.push(events, Date.now());
      if (ring.total >= written) tellAll(performance.now());
    }
  })();
  await stands;
  const delay = watchedLoop();
  delay.enable();
  const seconds = await flood.run();
  const ended = performance.now();
  const last = await allTold;
  delay.disable();
  abort.abort();
  await reading;
  flood.close();
  return {
    written,
    told: ring.total,
    seconds,
    behind: Math.max(0, last - ended),
    loopDelay: loopDelayOf(delay),
  };
}
