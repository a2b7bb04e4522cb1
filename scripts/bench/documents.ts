import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import type { Section } from './section.ts';
import { median, short, table, type Row } from './tables.ts';
import { settingsFor } from './settings.ts';
import { TRANSPORTS } from './ways.ts';

const TIMES = 1000;

/** Measures opening and saving a key. */
export const documents: Section = {
  name: 'documents',
  async run({ versions, server }) {
    const figures: Record<string, Latency[]> = {};
    const rows: Row[] = [];
    for (const version of versions) {
      figures[version] = await opensAndSaves((await server(version)).endpoint);
      for (const { what, median: one, slowest1Percent } of figures[version])
        rows.push([what, version, short(one), short(slowest1Percent)]);
    }
    return { markdown: table([`${TIMES} times`, 'etcd', 'ms', 'ms, slowest 1 %'], rows), figures };
  },
};

/** Milliseconds: the median and the 99th percentile. */
interface Latency {
  readonly what: string;
  readonly median: number;
  readonly slowest1Percent: number;
}

/** Reads a key and writes it back if it is unchanged, a thousand times in sequence. */
async function opensAndSaves(endpoint: string): Promise<Latency[]> {
  const latencies: Latency[] = [];
  for (const transport of TRANSPORTS) {
    const { store, close } = await connectV3({ ...settingsFor(endpoint), transport });
    const opens: number[] = [];
    const saves: number[] = [];
    try {
      for (let at = 0; at < TIMES; at++) {
        const key = Buffer.from(`/a/type05/dir-0007/key-${String(at % 100).padStart(6, '0')}`);
        const started = performance.now();
        const { kv } = await store.get(key);
        const opened = performance.now();
        if (!kv) throw new Error("the bench's key is missing");
        await store.put(key, kv.value, { modRevision: kv.modRevision });
        opens.push(opened - started);
        saves.push(performance.now() - opened);
      }
    } finally {
      close();
    }
    latencies.push(latency(`open, ${transport}`, opens), latency(`save, ${transport}`, saves));
  }
  return latencies;
}

function latency(what: string, times: readonly number[]): Latency {
  const slowest1Percent = times.toSorted((a, b) => b - a)[Math.floor(times.length / 100)] ?? 0;
  return { what, median: median(times), slowest1Percent };
}
