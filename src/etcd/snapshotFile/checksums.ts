import { SHA_BYTES, type BoltFile } from './boltFile.ts';
import { bucketLeaves, forEachElement, PageClaims, type Bucket } from './boltTree.ts';
import { crc32c } from './crc32c.ts';
import { fileDigest } from './fileDigest.ts';
import { readExactly } from './fileWindows.ts';
import { isRevision, TOMBSTONE_LENGTH } from './indexBuilder.ts';
import type { OpenedFile, Progress } from './openIndex.ts';
import type { SnapshotIndex } from './snapshotIndex.ts';

/** What the checksum at the end of a file says. */
export type Checksum =
  /** The content is what etcd sent. */
  | 'verified'
  | 'wrong'
  /** There is none, as in the `db` file of a member, or a part of it is missing. */
  | 'none';

/**
 * Compares the SHA-256 at the end of a snapshot with its content, whatever else is wrong with it. @throws Node's error
 */
export function verifyChecksum(file: BoltFile, progress: Progress = () => undefined): Checksum {
  if (file.end !== 'checksum') return 'none';
  const length = file.size - SHA_BYTES;
  const expected = Buffer.alloc(SHA_BYTES);
  readExactly(file.fd, expected, length);
  return fileDigest(file.fd, length, progress).equals(expected) ? 'verified' : 'wrong';
}

/** What `etcdctl snapshot status` reports about a file. */
export interface SnapshotStatus {
  /** A CRC-32C of the content of all buckets. */
  readonly hash: number;
  /** Revision of the last change; 0 if there is none. */
  readonly revision: bigint;
  /** Number of entries in all buckets, which etcdctl up to 3.5 calls keys. */
  readonly entries: number;
  /** Bytes of the pages in use. */
  readonly totalSize: number;
}

/** Computes the status from the whole file, as far as it can be read. @throws Node's error */
export function snapshotStatus({ index, buckets }: OpenedFile): SnapshotStatus {
  const { file } = index;
  const claims = new PageClaims(file);
  const status = { hash: 0, entries: 0 };
  for (const bucket of buckets) {
    status.hash = crc32c(status.hash, Buffer.from(bucket.name, 'latin1'));
    forEachEntry(file, bucket, claims, (entry) => {
      status.hash = crc32c(status.hash, entry);
      status.entries++;
    });
  }
  const revision = index.recordCount > 0 ? index.places.revisionOf(index.recordCount - 1) : 0n;
  return { ...status, revision, totalSize: file.used };
}

/**
 * Computes the hash that a member's HashKV has for the same content: of the records up to a revision, and up to the
 * compaction only of what exists at that revision. If the hashes are equal, the file is from that member's cluster.
 * @param compacted the member's own last compaction, at least as late as the file's; -1 if it had none
 * @throws EtcdError `compacted`, `futureRevision`; Node's error
 */
export function hashKv(
  { index, buckets }: OpenedFile,
  revision = index.revision,
  compacted = index.compacted > 0n ? index.compacted : -1n,
): number {
  const bound = index.boundOf(revision);
  const existing = existingRecords(index, bound);
  let hash = crc32c(0, Buffer.from('key'));
  let record = 0;
  const bucket = buckets.find(({ name }) => name === 'key');
  if (!bucket) return hash;
  forEachEntry(index.file, bucket, new PageClaims(index.file), (entry, keyLength) => {
    if (!isRevision(entry, 0, keyLength)) return;
    const main = entry.readBigInt64BE(0);
    const number = record++;
    if (main > revision || (main === compacted && keyLength === TOMBSTONE_LENGTH)) return;
    if (main > compacted || existing.size === 0 || existing.has(number)) hash = crc32c(hash, entry);
  });
  return hash;
}

/** Returns the numbers of the records that are the existing keys within a bound. */
function existingRecords(index: SnapshotIndex, bound: number): RecordSet {
  const records = new RecordSet(index.recordCount);
  for (let place = 0; place < index.keyCount; place++) {
    const record = index.stateAt(place, bound);
    if (record !== undefined) records.add(record);
  }
  return records;
}

/** A set with one bit for each record. */
class RecordSet {
  size = 0;
  readonly #bits: Uint8Array;

  constructor(records: number) {
    this.#bits = new Uint8Array(Math.ceil(records / 8));
  }

  add(record: number): void {
    this.#bits[record >> 3] = (this.#bits[record >> 3] ?? 0) | (1 << (record & 7));
    this.size++;
  }

  has(record: number): boolean {
    return ((this.#bits[record >> 3] ?? 0) & (1 << (record & 7))) !== 0;
  }
}

/** Calls back for each entry; keys and values follow one another directly. */
function forEachEntry(
  file: BoltFile,
  bucket: Bucket,
  claims: PageClaims,
  use: (keyAndValue: Buffer, keyLength: number) => void,
): void {
  for (const { id, bytes } of bucketLeaves(file, bucket, claims))
    file.damages.attempt(() =>
      forEachElement({ id, bytes }, (_flags, keyAt, keyLength, valueLength) =>
        use(bytes.subarray(keyAt, keyAt + keyLength + valueLength), keyLength),
      ),
    );
}
