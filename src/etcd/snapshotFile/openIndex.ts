import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { HEADER, LEAF, type BoltFile } from './boltFile.ts';
import { bucketElements, bucketLeaves, PageClaims, readBuckets, type Bucket } from './boltTree.ts';
import { Damage } from './damage.ts';
import { otherProgramSentence } from './foreignFile.ts';
import { IndexBuilder, isRevision } from './indexBuilder.ts';
import type { LoadedIndex } from './savedIndex.ts';
import type { ScratchFile } from './scratchFile.ts';
import { SnapshotIndex } from './snapshotIndex.ts';

/** Pages between two reports of progress. */
const PAGES_A_STEP = 1000;

/** Called with the finished part of the whole, from 0 to 1. */
export type Progress = (done: number) => void;

/** An index, and the buckets of the file as far as they could be read. */
export interface OpenedFile {
  readonly index: SnapshotIndex;
  readonly buckets: readonly Bucket[];
}

export interface IndexOptions {
  readonly progress?: Progress | undefined;
  /** For numbers that do not fit into memory. */
  readonly scratch: ScratchFile;
}

/**
 * Reads all records of a file once, and keeps what is needed to find them again. What cannot be read is in the file's
 * damages; if the way to some records is lost, they are searched for in all pages.
 * @throws EtcdError `unreadableFile` if the file has no keys of etcd, or none that can be read
 */
export function openIndex(file: BoltFile, { progress = () => undefined, scratch }: IndexOptions): OpenedFile {
  const claims = new PageClaims(file);
  let isLost = false;
  const lost = () => {
    isLost = true;
  };
  const buckets = readBuckets(file, claims, lost);
  const bucket = keyBucket(buckets);
  if (!bucket && !isLost) throw new EtcdError('unreadableFile', otherProgramSentence(buckets.map(({ name }) => name)));
  const compaction = readCompaction(file, buckets, claims);
  const { compacted } = compaction;
  let builder = new IndexBuilder(file, compacted, scratch);
  if (bucket) {
    let pages = 0;
    for (const leaf of bucketLeaves(file, bucket, claims, lost)) {
      builder.add(leaf);
      if (++pages % PAGES_A_STEP === 0) progress(Math.min(pages / file.presentPages, 1));
    }
  }
  if (isLost) {
    builder = new IndexBuilder(file, compacted, scratch);
    recover(file, builder, claims, bucket);
  }
  const arrays = builder.finish();
  if (isLost && builder.places.count === 0)
    throw new EtcdError(
      'unreadableFile',
      l10n.t('No key of this file can be read: {0}', file.damages.reported[0] ?? ''),
    );
  tellGaps(file, builder, compaction);
  const { tombstones, keyless } = builder;
  progress(1);
  const release = () => scratch.close();
  return { index: new SnapshotIndex({ file, bucket, arrays, tombstones, keyless, compacted, release }), buckets };
}

/** Returns a file with the index that an earlier reading of it has saved; undefined if the file does not fit to it. */
export function openKnown(file: BoltFile, { arrays, tombstones, keyless, close }: LoadedIndex): OpenedFile | undefined {
  const claims = new PageClaims(file);
  const buckets = readBuckets(file, claims, () => undefined);
  const bucket = keyBucket(buckets);
  const { compacted } = readCompaction(file, buckets, claims);
  // Only an index of a sound file is saved.
  if (!bucket || file.damages.count > 0) return undefined;
  return {
    index: new SnapshotIndex({ file, bucket, arrays, tombstones, keyless, compacted, release: close }),
    buckets,
  };
}

function keyBucket(buckets: readonly Bucket[]): Bucket | undefined {
  return buckets.find(({ name }) => name === 'key');
}

interface Compaction {
  /** Everything before this revision is compacted; 0 if nothing is. */
  readonly compacted: bigint;
  /** True if the last compaction had not ended, so some of what was before is still there. */
  readonly isUnderWay: boolean;
}

function readCompaction(file: BoltFile, buckets: readonly Bucket[], claims: PageClaims): Compaction {
  const meta = buckets.find(({ name }) => name === 'meta');
  if (!meta) {
    file.damages.add(l10n.t('What was compacted is not known: the file has no bucket "meta".'));
    return { compacted: 0n, isUnderWay: false };
  }
  const revisions = { finished: 0n, scheduled: 0n };
  for (const { key, value } of bucketElements(file, meta, claims)) {
    const name = key.toString('latin1');
    if (name !== 'finishedCompactRev' && name !== 'scheduledCompactRev') continue;
    if (!isRevision(value, 0, value.length))
      file.damages.add(l10n.t('The revision of the last compaction is damaged.'));
    else revisions[name === 'finishedCompactRev' ? 'finished' : 'scheduled'] = value.readBigInt64BE(0);
  }
  const { finished, scheduled } = revisions;
  return { compacted: finished > scheduled ? finished : scheduled, isUnderWay: scheduled > finished };
}

/** Finds records in all pages, in use or not: records never change, so even an outdated page is correct. */
function recover(file: BoltFile, builder: IndexBuilder, claims: PageClaims, bucket: Bucket | undefined): void {
  const found: { readonly id: number; readonly revision: Buffer; readonly isClaimed: boolean }[] = [];
  for (let id = 2; id < file.presentPages; id++) {
    const revision = firstRevision(file, id);
    if (revision) found.push({ id, revision, isClaimed: claims.has(id) });
  }
  found.sort((a, b) => Buffer.compare(a.revision, b.revision) || Number(b.isClaimed) - Number(a.isClaimed));
  if (bucket?.inline) builder.add({ id: bucket.page, bytes: bucket.inline }, true);
  for (const { id } of found) file.damages.attempt(() => builder.add({ id, bytes: file.node(id) }, true));
  file.damages.add(
    l10n.t(
      'Records were looked for in all pages, in use or not: keys that were deleted before the last compaction may be among them, and the last changes may be missing.',
    ),
  );
}

/** Returns the first revision of a page, if it is a leaf with revisions. */
function firstRevision(file: BoltFile, id: number): Buffer | undefined {
  try {
    const page = file.node(id);
    if (page.readUInt16LE(8) !== LEAF || page.readUInt16LE(10) === 0) return undefined;
    const at = HEADER + page.readUInt32LE(HEADER + 4);
    const length = page.readUInt32LE(HEADER + 8);
    if (at + length > page.length || !isRevision(page, at, length)) return undefined;
    return Buffer.from(page.subarray(at, at + length));
  } catch (error) {
    // An unused page may contain anything.
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

function tellGaps({ damages }: BoltFile, { gaps, chain }: IndexBuilder, { isUnderWay }: Compaction): void {
  if (gaps.revisions > 0) {
    const ranges = gaps.ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
    damages.add(l10n.t('Missing revisions: {0}, among them {1}', gaps.revisions, ranges));
  }
  if (gaps.parts > 0) damages.add(l10n.t('Revisions with missing changes: {0}.', gaps.parts));
  // Revisions known to be missing leave gaps in the versions of their keys anyway.
  if (chain.broken > 0 && gaps.revisions === 0 && !isUnderWay)
    damages.add(l10n.t('Changes that do not follow on the one before of their key: {0}.', chain.broken));
}
