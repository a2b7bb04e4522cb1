import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EtcdServer } from '../test/fixtures/etcdServer.ts';
import { startLoadedEtcd } from './bench/loadedEtcd.ts';
import type { Bench, Report } from './bench/section.ts';
import { SECTIONS } from './bench/sections.ts';
import { SHAPES } from './bench/shapes.ts';
import type { EtcdSeries } from './setup/etcdSeries.ts';

/**
 * Compares this project with other ways to do the same, on keyspaces of its own, and writes bench-results/<time>.json.
 */

const QUICK_SIZE = 100_000;
const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    /** Number of keys in the largest shapes: a multiple of 10,000. */
    keys: { type: 'string', default: '1000000' },
    /** Only checks counts, on 100,000 keys, against written bounds. */
    quick: { type: 'boolean', default: false },
    /** Sections to run. */
    sections: { type: 'string', default: SECTIONS.map(({ name }) => name).join(',') },
    /** Letters of the shapes to list. */
    shapes: { type: 'string', default: SHAPES.map(({ letter }) => letter).join('') },
    /** Round-trip times to add, in milliseconds. */
    delay: { type: 'string', default: '0,20,100' },
    /** Series of etcd. */
    etcd: { type: 'string', default: '3.4,3.5' },
  },
});
const asked = options.sections.split(',');
const sections = SECTIONS.filter(({ name }) => asked.includes(name));
if (sections.length < asked.length)
  throw new Error(`The sections are ${SECTIONS.map(({ name }) => name).join(', ')}, not ${options.sections}`);

const size = options.quick ? QUICK_SIZE : Number(options.keys);
const servers = new Map<EtcdSeries, Promise<EtcdServer>>();
const bench: Bench = {
  versions: (['3.4', '3.5'] as const).filter((version) => options.etcd.split(',').includes(version)),
  size,
  shapes: SHAPES.filter(({ letter }) => options.shapes.toUpperCase().includes(letter)),
  delays: options.delay.split(',').map(Number),
  server(version) {
    const server = servers.get(version) ?? startLoadedEtcd(version, size);
    servers.set(version, server);
    return server;
  },
};

async function quick(): Promise<void> {
  for (const { check } of sections) {
    const failures = (await check?.(bench)) ?? [];
    for (const failure of failures) console.log(failure);
    if (failures.length > 0) process.exitCode = 1;
  }
}

async function full(): Promise<void> {
  const date = new Date().toISOString();
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, ${arch()}, Node.js ${process.version}`;
  const reports = new Map<string, Report>();
  for (const section of sections) reports.set(section.name, await section.run(bench));

  console.log(`${date.slice(0, 10)}, ${machine}, ${size} keys in the largest shapes`);
  for (const [name, { markdown }] of reports) console.log(`\n## ${name}\n\n${markdown}`);
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  console.log(`\n## For docs/performance.md (\`${command}\`, ${date.slice(0, 10)}, ${machine})`);
  for (const { summary } of reports.values()) if (summary) console.log(`\n${summary}`);

  const file = join(root, 'bench-results', `${date.replaceAll(':', '-')}.json`);
  await mkdir(join(root, 'bench-results'), { recursive: true });
  const figures = Object.fromEntries([...reports].map(([name, report]) => [name, report.figures]));
  await writeFile(file, JSON.stringify({ date, machine, size, ...figures }, null, 2));
  console.log(`\nAll figures are in ${file}`);
}

try {
  await (options.quick ? quick() : full());
} finally {
  for (const server of servers.values()) await (await server).stop();
}
