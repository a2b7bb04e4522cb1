import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { fnv1a64 } from './damaging.ts';

const PAGE = 4096;

/** A `db` file with the content of a snapshot, in which commits of an etcd are imitated. */
export class BusyFile {
  readonly #file: number;
  readonly #snapshot: Uint8Array;
  readonly #pages: number;
  #txid = 100n;

  /**
   * Writes the file.
   * @param pages its length; the more, the longer it takes to be copied
   */
  constructor(path: string, snapshot: Uint8Array, pages: number) {
    this.#file = openSync(path, 'w');
    this.#snapshot = snapshot;
    this.#pages = pages;
    writeSync(this.#file, snapshot, 0, snapshot.length - 32, 0);
    ftruncateSync(this.#file, pages * PAGE);
    this.commit();
    this.commit();
  }

  /** Writes a meta page, the second page if the commit's number is odd. */
  commit(): void {
    const page = Buffer.from(this.#snapshot.subarray(0, PAGE));
    const place = this.#txid % 2n;
    page.writeBigUInt64LE(place, 0);
    page.writeBigUInt64LE(BigInt(this.#pages), 56);
    page.writeBigUInt64LE(this.#txid++, 64);
    page.writeBigUInt64LE(fnv1a64(page.subarray(16, 72)), 72);
    writeSync(this.#file, page, 0, PAGE, Number(place) * PAGE);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What a thread needs that commits all the time, until `stopped[0]` is 1. */
export interface BusyOrder {
  readonly path: string;
  readonly snapshot: Uint8Array;
  readonly pages: number;
  readonly stopped: Int32Array<SharedArrayBuffer>;
}

/** Commits all the time, in a thread of its own that nothing else delays, until the returned function is called. */
export async function keepCommitting(path: string, snapshot: Uint8Array, pages: number): Promise<() => Promise<void>> {
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const workerData: BusyOrder = { path, snapshot, pages, stopped };
  const thread = new Worker(new URL('./busyThread.ts', import.meta.url), { workerData });
  const ended = Promise.withResolvers<void>();
  thread.once('error', ended.reject);
  thread.once('exit', () => ended.resolve());
  await Promise.race([new Promise((resolve) => thread.once('message', resolve)), ended.promise]);
  return async () => {
    Atomics.store(stopped, 0, 1);
    await ended.promise;
  };
}
