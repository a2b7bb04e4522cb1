import { open, type FileHandle } from 'node:fs/promises';
import { fnv1a64 } from '../etcd/snapshotFile/damaging.ts';

const PAGE = 4096;
/** Pages of the file, so many that commits come in between while it is copied. */
const PAGES = 65_536;
/** Milliseconds between two commits. */
const PAUSE = 3;

/** A `db` file with the content of a snapshot to which an etcd seems to commit all the time. */
export class BusyFile {
  readonly #file: FileHandle;
  readonly #stop = new AbortController();
  readonly #commits: Promise<void>;

  private constructor(file: FileHandle, snapshot: Buffer) {
    this.#file = file;
    this.#commits = this.#commit(snapshot);
  }

  static async write(path: string, snapshot: Buffer): Promise<BusyFile> {
    const file = await open(path, 'w');
    await file.write(snapshot, 0, snapshot.length - 32, 0);
    await file.truncate(PAGES * PAGE);
    for (const page of [0, 1]) await file.write(metaOf(snapshot, BigInt(100 + page)), 0, PAGE, page * PAGE);
    return new BusyFile(file, snapshot);
  }

  /** Ends the commits. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#commits;
    await this.#file.close();
  }

  async #commit(snapshot: Buffer): Promise<void> {
    for (let txid = 102; !this.#stop.signal.aborted; txid++) {
      await this.#file.write(metaOf(snapshot, BigInt(txid)), 0, PAGE, (txid % 2) * PAGE);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** Returns a meta page of a commit, the second page if the commit's number is odd. */
function metaOf(snapshot: Buffer, txid: bigint): Buffer {
  const page = Buffer.from(snapshot.subarray(0, PAGE));
  page.writeBigUInt64LE(txid % 2n, 0);
  page.writeBigUInt64LE(BigInt(PAGES), 56);
  page.writeBigUInt64LE(txid, 64);
  page.writeBigUInt64LE(fnv1a64(page.subarray(16, 72)), 72);
  return page;
}
