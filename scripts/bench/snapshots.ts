import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import { openSnapshotFile } from '../../src/etcd/snapshotFile/snapshotWorker.ts';
import { saveSnapshot, statusOf } from '../../test/etcd/snapshotFile/snapshots.ts';
import { loopDelayOf, watchedLoop } from './loopDelay.ts';
import type { Section } from './section.ts';
import { ratio, short, table, type Row } from './tables.ts';

const SCRIPT = new URL('../../src/etcd/snapshotFile/worker.ts', import.meta.url);
/** Milliseconds that the extension host may be blocked. */
const LONGEST_PAUSE = 50;

/**
 * Opens a snapshot in a thread of its own, and again with the index that was saved, then reads all its keys and values,
 * while this thread stands for the extension host.
 */
export const snapshots: Section = {
  name: 'snapshots',
  async run({ versions, server }) {
    const figures: Record<string, unknown> = {};
    const rows: Row[] = [];
    for (const version of versions) {
      const folder = await mkdtemp(join(tmpdir(), 'etcd-bench-'));
      try {
        const path = await saveSnapshot(await server(version), folder);
        const started = performance.now();
        await statusOf(path, version);
        const status = performance.now() - started;
        const { steps, records, keys } = await read(path, folder);
        const { size } = await stat(path);
        figures[version] = { size, records, keys, status, steps };
        for (const { name, milliseconds, pause } of steps)
          rows.push([
            ...[name, version, String(records), short(size / 1024 ** 2), ratio(milliseconds, status)],
            ...[short(milliseconds / 1000), short(pause / LONGEST_PAUSE)],
          ]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    const header = ['', 'etcd', 'records', 'MB', 'times as long as etcdctl snapshot status', 'seconds'];
    return { markdown: table([...header, `longest pause, of ${LONGEST_PAUSE} ms`], rows), figures };
  },
};

interface Step {
  readonly name: string;
  readonly milliseconds: number;
  /** The longest time that this thread was blocked. */
  readonly pause: number;
}

async function read(path: string, temporaryFolder: string) {
  const options = { script: SCRIPT, temporaryFolder, indexFolder: join(temporaryFolder, 'indexes'), savedFrom: 0 };
  const first = await step('open', () => openSnapshotFile(path, options));
  await first.result.close();
  const open = await step('open again', () => openSnapshotFile(path, options));
  const { store, summary, close } = open.result;
  try {
    const values = await step('read all values', async () => {
      let keys = 0;
      for await (const { kvs } of store.scan(prefixRange(new Uint8Array()), { values: true })) keys += kvs.length;
      return keys;
    });
    return { steps: [first.step, open.step, values.step], records: summary.records, keys: values.result };
  } finally {
    await close();
  }
}

async function step<Result>(name: string, work: () => Promise<Result>) {
  const histogram = watchedLoop();
  histogram.enable();
  const started = performance.now();
  const result = await work();
  const milliseconds = performance.now() - started;
  histogram.disable();
  return { result, step: { name, milliseconds, pause: loopDelayOf(histogram).most } satisfies Step };
}
