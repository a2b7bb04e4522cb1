import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { V3Connection } from '../../src/etcd/connect/connectV3.ts';
import { exportKeys, fileText } from '../../src/etcd/keyFiles/exportKeys.ts';
import { TEXT_FORMATS } from '../../src/etcd/keyFiles/formats.ts';
import { planImport } from '../../src/etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../../src/etcd/keyFiles/importSpool.ts';
import { ImportWriter } from '../../src/etcd/keyFiles/importWriter.ts';
import { Hierarchy } from '../../src/etcd/keys/hierarchy.ts';
import { prefixRange } from '../../src/etcd/keys/ranges.ts';
import { listChildren } from '../../src/etcd/listing/childListing.ts';
import { compareSides } from '../../src/etcd/past/compareSides.ts';
import { keyMatcher } from '../../src/etcd/search/keyMatcher.ts';
import { searchKeys } from '../../src/etcd/search/searchKeys.ts';
import { listingReader } from '../../src/etcd/v3/listingReader.ts';

/** What a workload works on. */
export interface Place {
  /** Prefix of the keys to work on. */
  readonly prefix: string;
  /** The exported file: an export writes it, imports read it. */
  readonly file: string;
  /** Prefix that an import writes below. */
  readonly to: string;
}

/** Does something with all keys of a folder. Resolves to the number of keys that it processed. */
export type Workload = (connection: V3Connection, place: Place) => Promise<number>;

/** Everything that reads all keys of a folder, and the listing that must not. */
export const WORKLOADS = {
  'search in keys': (connection, { prefix }) => searched(connection, prefix, false),
  'search in values': (connection, { prefix }) => searched(connection, prefix, true),
  export: exported,
  'import: compare': (connection, place) => imported(connection, place, false),
  'import: write': (connection, place) => imported(connection, place, true),
  comparison: compared,
  'leaves in one call': leaves,
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;

/** In the order in which they can run: imports read the file of the export. */
export const WORKLOAD_NAMES = [
  'search in keys',
  'search in values',
  'export',
  'import: compare',
  'import: write',
  'comparison',
  'leaves in one call',
] as const satisfies readonly WorkloadName[];

async function searched({ store }: V3Connection, prefix: string, values: boolean): Promise<number> {
  const query = { kind: 'text', pattern: '0999', matchCase: true, values } as const;
  let keys = 0;
  for await (const step of searchKeys(store, keyMatcher(query, Buffer.from(prefix), store.hierarchy.separators)))
    keys = step.scanned;
  return keys;
}

async function exported({ store }: V3Connection, { prefix, file }: Place): Promise<number> {
  let keys = 0;
  const request = {
    ranges: [prefixRange(Buffer.from(prefix))],
    prefix: Buffer.from(prefix),
    facts: false,
    progress: (done: number) => (keys = done),
  };
  const pieces = fileText(exportKeys(store, request), TEXT_FORMATS.json.writer());
  // As the extension does, the next piece is made only once the one before is written.
  await pipeline(Readable.from(pieces, { highWaterMark: 1 }), createWriteStream(file));
  return keys;
}

async function imported({ store }: V3Connection, { file, to }: Place, write: boolean): Promise<number> {
  const path = `${file}.spool`;
  const spool = await ImportSpool.create(path);
  try {
    const parts = TEXT_FORMATS.json.read(createReadStream(file) as AsyncIterable<Uint8Array>);
    const plan = await planImport(store, { parts, ...(write && { prefix: Buffer.from(to) }) }, spool);
    if (!write) return plan.length;
    const writer = new ImportWriter(store, plan, { takes: () => true, leases: 'stay', undoBytes: 0 });
    await writer.run();
    return writer.written;
  } finally {
    await spool.close();
    await rm(path);
  }
}

/** Compares the folder with itself. */
async function compared({ store }: V3Connection, { prefix }: Place): Promise<number> {
  const side = { store, prefix: Buffer.from(prefix) };
  let keys = 0;
  for await (const { read } of compareSides(side, side, { by: 'value' })) keys = read;
  return keys;
}

/** Asks for all keys as children of one folder. Resolves to the number of those that come at once. */
async function leaves({ session }: V3Connection, { prefix }: Place): Promise<number> {
  // Without separators, all keys are side by side.
  const listing = listChildren(listingReader(session), Buffer.from(prefix), { hierarchy: new Hierarchy([]) });
  return (await listing.next(Infinity)).children.length;
}
