import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEtcd } from '../setup/etcd.ts';
import { runEtcdctl } from './contestants.ts';
import type { Section } from './section.ts';
import { ratio, short, table, type Row } from './tables.ts';
import { inOwnProcess, type WorkloadFigures } from './workload.ts';
import type { WorkloadName } from './workloads.ts';

/** A folder with as many keys as the largest shapes. */
const PREFIX = '/b/';
/** A tenth of its keys: the memory of an export must not depend on their number. */
const TENTH = '/b/dir-00';
const JOBS: readonly WorkloadName[] = ['export', 'import: compare', 'import: write'];

/** Exports a large folder as JSON, compares that file with the store, and imports it below another prefix. */
export const exports: Section = {
  name: 'exports',
  async run({ versions, server }) {
    const figures: Record<string, Record<string, WorkloadFigures>> = {};
    const rows: Row[] = [];
    for (const version of versions) {
      const { endpoint } = await server(version);
      const { etcdctl } = await ensureEtcd(version);
      const reading = await runEtcdctl(etcdctl, endpoint, PREFIX, []);
      figures[version] = {};
      const folder = await mkdtemp(join(tmpdir(), 'etcd-bench-'));
      try {
        const place = { prefix: PREFIX, file: join(folder, 'keys.json'), to: '/bench-import/' };
        const tenth = await inOwnProcess('export', endpoint, {
          ...place,
          prefix: TENTH,
          file: join(folder, 'tenth.json'),
        });
        figures[version]['tenth'] = tenth;
        rows.push(['export of a tenth', version, String(tenth.keys), '', seconds(tenth), megabytes(tenth.memory)]);
        for (const job of JOBS) {
          const done = await inOwnProcess(job, endpoint, place);
          figures[version][job] = done;
          const beside = ratio(done.milliseconds, reading.milliseconds);
          rows.push([job, version, String(done.keys), beside, seconds(done), megabytes(done.memory)]);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      rows.push(['etcdctl get --prefix', version, '', '1', seconds(reading), megabytes(reading.memory)]);
    }
    const header = ['', 'etcd', 'keys', 'times as long as etcdctl reads them', 'seconds', 'MB of memory'];
    return { markdown: table(header, rows), figures };
  },
};

function seconds({ milliseconds }: { readonly milliseconds: number }): string {
  return short(milliseconds / 1000);
}

function megabytes(bytes: number): string {
  return short(bytes / 1024 ** 2);
}
