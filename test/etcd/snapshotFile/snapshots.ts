import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt } from '../../../scripts/setup/command.mjs';
import { ensureEtcd } from '../../../scripts/setup/etcd.ts';
import type { EtcdSeries } from '../../../scripts/setup/etcdSeries.ts';
import { openSnapshot, type OpenOptions } from '../../../src/etcd/snapshotFile/openSnapshot.ts';
import type { SnapshotReader } from '../../../src/etcd/snapshotFile/snapshotReader.ts';
import { SnapshotStore, type RemoteReader } from '../../../src/etcd/snapshotFile/snapshotStore.ts';
import type { EtcdctlOptions, EtcdServer } from '../../fixtures/etcdServer.ts';

/** An open file and its store. */
export interface OpenFile {
  readonly reader: SnapshotReader;
  readonly store: SnapshotStore;
}

/** Opens files in this thread, and closes them after the tests of a suite. */
export class OpenFiles {
  readonly #ends: (() => Promise<void>)[] = [];

  async open(path: string, options?: OpenOptions): Promise<OpenFile> {
    const folder = await this.folder();
    const reader = await openSnapshot(path, folder, options);
    this.#ends.unshift(async () => reader.close());
    return { reader, store: new SnapshotStore(inThisThread(reader), reader.summary()) };
  }

  /** A temporary folder. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-snapshots-'));
    this.#ends.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}

export function inThisThread(reader: SnapshotReader): RemoteReader {
  return {
    summary: async () => reader.summary(),
    status: async () => reader.status(),
    hashKv: async (...question) => reader.hashKv(...question),
    get: async (...question) => reader.get(...question),
    getMany: async (...question) => reader.getMany(...question),
    count: async (...question) => reader.count(...question),
    children: async (...question) => reader.children(...question),
    page: async (...question) => reader.page(...question),
    keyPage: async (...question) => reader.keyPage(...question),
    events: async (...question) => reader.events(...question),
    folderSpace: async (...question) => reader.folderSpace(...question),
  };
}

/** Saves a snapshot with etcdctl; returns its path. */
export async function saveSnapshot(server: EtcdServer, folder: string, name = 'snapshot.db'): Promise<string> {
  const path = join(folder, name);
  await succeed(server, ['snapshot', 'save', path]);
  return path;
}

/** Runs etcdctl, which must succeed; returns its output. */
export async function succeed(
  server: EtcdServer,
  args: readonly string[],
  input?: string,
  options: EtcdctlOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await server.etcdctl(args, { ...options, ...(input !== undefined && { input }) });
  assert.equal(code, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Returns what etcdctl of a series reports about a file. */
export async function statusOf(path: string, series: EtcdSeries) {
  const { etcdctl } = await ensureEtcd(series);
  const env = { ...process.env, ETCDCTL_API: '3' };
  const { code, stdout, stderr } = await attempt(etcdctl, ['snapshot', 'status', path, '-w', 'json'], { env });
  assert.equal(code, 0, stderr);
  const status: { hash: number; revision: number; totalKey: number; totalSize: number } = JSON.parse(stdout);
  return status;
}
