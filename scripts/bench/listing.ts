import { ensureEtcd } from '../setup/etcd.ts';
import { progressToStderr as progress } from '../setup/progress.ts';
import { checkCounts } from './counts.ts';
import { delayedPort } from './delayedPort.ts';
import { measure, type Measured } from './listingFigures.ts';
import { listingTable, summaryTable } from './listingTables.ts';
import type { Bench, Section } from './section.ts';

/** Compares the listing of each shape's folders with other ways to learn the same. */
export const listing: Section = {
  name: 'listing',
  async run(bench) {
    const figures: Measured[] = [];
    for (const delay of bench.delays) figures.push(...(await measureWithDelay(bench, delay)));
    return { markdown: listingTable(figures), summary: summaryTable(figures), figures };
  },
  async check({ versions, server, shapes }) {
    const failures: string[] = [];
    for (const version of versions)
      for (const failure of await checkCounts((await server(version)).endpoint, shapes))
        failures.push(`etcd ${version}: ${failure}`);
    return failures;
  },
};

async function measureWithDelay({ versions, size, server: start, shapes }: Bench, delay: number): Promise<Measured[]> {
  const figures: Measured[] = [];
  for (const version of versions) {
    const [server, { etcdctl }] = [await start(version), await ensureEtcd(version)];
    const way =
      delay === 0 ? { endpoint: server.endpoint, close: () => undefined } : await delayedPort(server.port, delay);
    for (const { letter, folders } of shapes) {
      for (const { path: folder } of folders) {
        progress(`etcd ${version}, ${delay} ms added: ${folder} ...`);
        figures.push(await measure({ shape: letter, folder, server, endpoint: way.endpoint, etcdctl, size, delay }));
      }
    }
    way.close();
  }
  return figures;
}
