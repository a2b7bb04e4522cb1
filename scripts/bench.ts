import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch, availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { checkCounts } from './bench/counts.ts';
import { delayedPort } from './bench/delayedPort.ts';
import { startLoadedEtcd } from './bench/loadedEtcd.ts';
import { measure, type Measured } from './bench/measure.ts';
import { opensAndSaves, type Latency } from './bench/opensAndSaves.ts';
import { listingTable, short, table } from './bench/report.ts';
import { SHAPES } from './bench/shapes.ts';
import { ensureEtcd, type EtcdSeries } from './setup/etcd.ts';
import { progressToStderr as progress } from './setup/progress.ts';

/** Measures listings beside other ways to learn the same, on a keyspace of its own, and writes bench-results/<time>.json. */

const QUICK_SIZE = 100_000;
const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    /** How many keys the largest shapes have: a multiple of 10,000. */
    keys: { type: 'string', default: '1000000' },
    /** Checks nothing but counts, on 100,000 keys, against written bounds. */
    quick: { type: 'boolean', default: false },
    /** Letters of the shapes to measure. */
    shapes: { type: 'string', default: SHAPES.map(({ letter }) => letter).join('') },
    /** Round-trip times to add, in milliseconds. */
    delay: { type: 'string', default: '0,20,100' },
  },
});
const versions: readonly EtcdSeries[] = ['3.4', '3.5'];
const shapes = SHAPES.filter(({ letter }) => options.shapes.toUpperCase().includes(letter));

async function quick(): Promise<void> {
  for (const version of versions) {
    const server = await startLoadedEtcd(version, QUICK_SIZE);
    try {
      const failures = await checkCounts(server.endpoint, shapes);
      for (const failure of failures) console.log(`etcd ${version}: ${failure}`);
      if (failures.length > 0) process.exitCode = 1;
    } finally {
      await server.stop();
    }
  }
}

async function measureOn(version: EtcdSeries, size: number): Promise<{ listings: Measured[]; latencies: Latency[] }> {
  const { etcdctl } = await ensureEtcd(version);
  const server = await startLoadedEtcd(version, size);
  const listings: Measured[] = [];
  try {
    for (const delay of options.delay.split(',').map(Number)) {
      const way =
        delay === 0 ? { endpoint: server.endpoint, close: () => undefined } : await delayedPort(server.port, delay);
      for (const { letter, folders } of shapes) {
        for (const { path: folder } of folders) {
          progress(`etcd ${version}, ${delay} ms added: ${folder} ...`);
          listings.push(await measure({ shape: letter, folder, server, endpoint: way.endpoint, etcdctl, delay }));
        }
      }
      way.close();
    }
    return { listings, latencies: await opensAndSaves(server.endpoint) };
  } finally {
    await server.stop();
  }
}

async function full(size: number): Promise<void> {
  const date = new Date().toISOString();
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, ${arch()}, Node.js ${process.version}`;
  const results = new Map<EtcdSeries, Awaited<ReturnType<typeof measureOn>>>();
  for (const version of versions) results.set(version, await measureOn(version, size));
  console.log(`${date.slice(0, 10)}, ${machine}, ${size} keys in the largest shapes\n`);
  for (const [version, { listings, latencies }] of results) {
    console.log(`${listingTable(listings)}\n`);
    const rows = latencies.map(({ what, median, slowest1Percent }) => [what, short(median), short(slowest1Percent)]);
    console.log(`${table([`etcd ${version}, 1000 times`, 'ms', 'ms, slowest 1 %'], rows)}\n`);
  }
  const file = join(root, 'bench-results', `${date.replaceAll(':', '-')}.json`);
  await mkdir(join(root, 'bench-results'), { recursive: true });
  await writeFile(file, JSON.stringify({ date, machine, size, results: Object.fromEntries(results) }, null, 2));
  console.log(`All figures are in ${file}`);
}

if (options.quick) await quick();
else await full(Number(options.keys));
