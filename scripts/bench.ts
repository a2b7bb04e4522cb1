import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { EtcdServer } from '../test/fixtures/etcdServer.ts';
import { startLoadedEtcd } from './bench/loadedEtcd.ts';
import { benchOptions, usage } from './bench/options.ts';
import type { Bench, Report, Section } from './bench/section.ts';
import { SECTIONS } from './bench/sections.ts';
import { SHAPES } from './bench/shapes.ts';
import { UsageError } from './setup/commandLine.ts';
import type { EtcdSeries } from './setup/etcdSeries.ts';

/**
 * Compares this project with other ways to do the same, on keyspaces of its own, and writes all figures to a file.
 */

const root = join(import.meta.dirname, '..');
const choices = { sections: SECTIONS.map(({ name }) => name), shapes: SHAPES.map(({ letter }) => letter) };
const servers = new Map<EtcdSeries, Promise<EtcdServer>>();

async function quick(bench: Bench, sections: readonly Section[]): Promise<void> {
  for (const { check } of sections) {
    const failures = (await check?.(bench)) ?? [];
    for (const failure of failures) console.log(failure);
    if (failures.length > 0) process.exitCode = 1;
  }
}

async function full(bench: Bench, sections: readonly Section[], json: string | undefined): Promise<void> {
  const date = new Date().toISOString();
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, ${arch()}, Node.js ${process.version}`;
  const reports = new Map<string, Report>();
  for (const section of sections) reports.set(section.name, await section.run(bench));

  console.log(`${date.slice(0, 10)}, ${machine}, ${bench.size} keys in the largest shapes`);
  for (const [name, { markdown }] of reports) console.log(`\n## ${name}\n\n${markdown}`);
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  console.log(`\n## For docs/performance.md (\`${command}\`, ${date.slice(0, 10)}, ${machine})`);
  for (const { summary } of reports.values()) if (summary) console.log(`\n${summary}`);

  const file = resolve(json ?? join(root, 'bench-results', `${date.replaceAll(':', '-')}.json`));
  await mkdir(dirname(file), { recursive: true });
  const figures = Object.fromEntries([...reports].map(([name, report]) => [name, report.figures]));
  await writeFile(file, JSON.stringify({ date, machine, size: bench.size, ...figures }, null, 2));
  console.log(`\nAll figures are in ${file}`);
}

async function main(): Promise<void> {
  const { help, quick: isQuick, json, ...options } = benchOptions(process.argv.slice(2), choices);
  if (help) return console.log(usage(choices));
  const { versions, size, delays, seeds } = options;
  const sections = SECTIONS.filter(({ name }) => options.sections.includes(name));
  const shapes = SHAPES.filter(({ letter }) => options.shapes.includes(letter));
  const server = (version: EtcdSeries) => {
    const started = servers.get(version) ?? startLoadedEtcd(version, size);
    servers.set(version, started);
    return started;
  };
  const bench: Bench = { versions, size, shapes, delays, seeds, server };
  await (isQuick ? quick(bench, sections) : full(bench, sections, json));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  for (const server of servers.values()) await (await server).stop();
}
