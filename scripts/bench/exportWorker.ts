import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportKeys, fileText } from '../../src/etcd/keyFiles/exportKeys.ts';
import { TEXT_FORMATS } from '../../src/etcd/keyFiles/formats.ts';
import { planImport } from '../../src/etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../../src/etcd/keyFiles/importSpool.ts';
import { ImportWriter } from '../../src/etcd/keyFiles/importWriter.ts';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { settingsFor } from './settings.ts';

/** A process for one export or import, so that its memory can be measured. */

export type ExportJob = 'export' | 'preview' | 'import';

export interface ExportFigures {
  readonly milliseconds: number;
  readonly keys: number;
  /** Bytes by which the process's peak memory exceeds its memory at the beginning. */
  readonly memory: number;
}

const [job, endpoint = '', prefix = '', file = ''] = process.argv.slice(2);
/** Prefix that an import writes below. */
const IMPORTED = '/bench-import/';
const kilobyte = 1024;

async function exported(store: KeyStore): Promise<number> {
  let keys = 0;
  const request = {
    ranges: [prefixRange(Buffer.from(prefix))],
    prefix: Buffer.from(prefix),
    facts: false,
    progress: (done: number) => (keys = done),
  };
  const pieces = fileText(exportKeys(store, request), TEXT_FORMATS.json.writer());
  await pipeline(Readable.from(pieces), createWriteStream(file));
  return keys;
}

async function imported(store: KeyStore, write: boolean): Promise<number> {
  const spool = await ImportSpool.create(`${file}.spool`);
  const parts = TEXT_FORMATS.json.read(createReadStream(file) as AsyncIterable<Uint8Array>);
  const plan = await planImport(store, { parts, ...(write && { prefix: Buffer.from(IMPORTED) }) }, spool);
  if (write) {
    const writer = new ImportWriter(store, plan, { takes: () => true, leases: 'stay', undoBytes: 0 });
    await writer.run();
    if (writer.written < plan.length) throw new Error('the import left keys out');
  }
  await spool.close();
  return plan.length;
}

const { store, close } = await connectV3({ ...settingsFor(endpoint), transport: 'grpc' });
await store.get(Buffer.from('/'));
const before = process.memoryUsage.rss();
const started = performance.now();
const keys = job === 'export' ? await exported(store) : await imported(store, job === 'import');
const milliseconds = performance.now() - started;
const memory = Math.max(0, process.resourceUsage().maxRSS * kilobyte - before);
close();
process.send?.({ milliseconds, keys, memory } satisfies ExportFigures);
