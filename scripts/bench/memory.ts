import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EtcdSeries } from '../setup/etcdSeries.ts';
import { progressToStderr as progress } from '../setup/progress.ts';
import type { Section } from './section.ts';
import { short, table, type Row } from './tables.ts';
import { inOwnProcess, type WorkloadFigures } from './workload.ts';
import { WORKLOAD_NAMES, type WorkloadName } from './workloads.ts';

const MEGABYTE = 1024 ** 2;
/** Megabytes above the start. */
interface Limit {
  /** Limit for any number of keys. */
  readonly goal: number;
  /** Limit for 100,000 keys in `npm test`: half more than measured, because V8 decides when to collect. */
  readonly bound: number;
}

const LIMITS: Readonly<Record<WorkloadName, Limit>> = {
  'search in keys': { goal: 60, bound: 75 },
  'search in values': { goal: 80, bound: 110 },
  export: { goal: 80, bound: 110 },
  'import: compare': { goal: 100, bound: 170 },
  'import: write': { goal: 100, bound: 200 },
  comparison: { goal: 80, bound: 130 },
  'leaves in one call': { goal: 60, bound: 90 },
};
/** Bytes of the longest answer: a page of keys by gRPC may be half longer than intended, because its end is predicted. */
const MAX_ANSWER = 1.5 * 1.5 * MEGABYTE;
/** Children of one page at most, however many are asked for. */
const MAX_PAGE = 20_000;

interface Measured extends WorkloadFigures {
  readonly version: EtcdSeries;
  readonly name: WorkloadName;
  /** Keys of the folder. */
  readonly folderKeys: number;
}

interface Folder {
  readonly prefix: string;
  readonly keys: number;
}

/** A small and a large folder: a twentieth of the largest shapes, and one of them. */
function foldersOf(size: number): readonly [small: Folder, large: Folder] {
  return [
    { prefix: '/a/type05/', keys: size / 20 },
    { prefix: '/b/', keys: size },
  ];
}

/** Measures the memory of everything that reads all keys of a folder, which must not depend on their number. */
export const memory: Section = {
  name: 'memory',
  async run({ versions, size, server }) {
    const figures: Measured[] = [];
    for (const version of versions)
      for (const folder of foldersOf(size))
        figures.push(...(await measureAll(version, (await server(version)).endpoint, folder)));
    const markdown = memoryTable(figures);
    return { markdown, summary: markdown, figures };
  },
  async check({ versions, size, server }) {
    const failures: string[] = [];
    for (const version of versions)
      for (const measured of await measureAll(version, (await server(version)).endpoint, foldersOf(size)[1]))
        failures.push(...excesses(measured).map((excess) => `etcd ${version}: ${measured.name}: ${excess}`));
    return failures;
  },
};

async function measureAll(version: EtcdSeries, endpoint: string, { prefix, keys }: Folder): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'etcd-bench-'));
  const place = { prefix, file: join(folder, 'keys.json'), to: `/bench-memory/${keys}/` };
  const measured: Measured[] = [];
  try {
    for (const name of WORKLOAD_NAMES) {
      progress(`etcd ${version}: memory of ${name}, ${keys} keys ...`);
      measured.push({ version, name, folderKeys: keys, ...(await inOwnProcess(name, endpoint, place)) });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return measured;
}

/** Returns a sentence for each count that is not as it should be. */
function excesses({ name, keys, folderKeys, mostBytes, memory: most }: Measured): string[] {
  const wanted = { 'leaves in one call': MAX_PAGE, comparison: 2 * folderKeys }[name as string] ?? folderKeys;
  return [
    ...(keys === wanted ? [] : [`${keys} keys, not ${wanted}`]),
    ...(mostBytes <= MAX_ANSWER ? [] : [`an answer of ${mostBytes} bytes, more than ${MAX_ANSWER}`]),
    ...(most <= LIMITS[name].bound * MEGABYTE
      ? []
      : [`${megabytes(most)} MB above the start, more than ${LIMITS[name].bound}`]),
  ];
}

function memoryTable(all: readonly Measured[]): string {
  const header: Row = [
    ...['', 'etcd', 'keys', 'MB above the start', 'goal', 'MB of heap and buffers'],
    ...['KB of the longest answer', 'requests', 'seconds'],
  ];
  return table(
    header,
    all.map(({ name, version, folderKeys, memory: most, heap, mostBytes, requests, milliseconds }): Row => [
      ...[name, version, folderKeys.toLocaleString('en'), megabytes(most), `≤ ${LIMITS[name].goal}`, megabytes(heap)],
      ...[short(mostBytes / 1024), String(requests), short(milliseconds / 1000)],
    ]),
  );
}

function megabytes(bytes: number): string {
  return short(bytes / MEGABYTE);
}
