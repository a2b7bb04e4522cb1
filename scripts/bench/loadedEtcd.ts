import { constants } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { KV } from '../../src/etcd/v3/transport/rpc_pb.js';
import type { Session } from '../../src/etcd/v3/session.ts';
import { startEtcd, type EtcdServer } from '../../test/fixtures/etcdServer.ts';
import { cachedFolder } from '../setup/cache.mjs';
import type { EtcdSeries } from '../setup/etcdSeries.ts';
import { progressToStderr as progress } from '../setup/progress.ts';
import { settingsFor } from './settings.ts';
import { SHAPES } from './shapes.ts';

/** Version of the shapes; a new number ignores keyspaces that earlier versions left in the cache. */
const EDITION = 1;
const KEYS_PER_TRANSACTION = 128;
const TRANSACTIONS_UNDER_WAY = 8;
const VALUE = Buffer.alloc(64, 'value ');
const START_LIMIT = 300_000;
const FLAGS = ['--quota-backend-bytes', String(8 * 1024 ** 3)];

/** Starts an etcd on a copy of the bench's keyspace, which is filled once and kept in the cache folder. */
export async function startLoadedEtcd(version: EtcdSeries, size: number): Promise<EtcdServer> {
  const kept = await cachedFolder(`bench-${EDITION}-${version}-${size}`, async (dataDir) => {
    const server = await startEtcd({ version, dataDir, extraArgs: FLAGS, startLimit: START_LIMIT });
    try {
      await load(server, size);
    } finally {
      await server.stop();
    }
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'etcd-bench-'));
  try {
    await cp(kept, dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
    const server = await startEtcd({ version, dataDir, extraArgs: FLAGS, startLimit: START_LIMIT });
    const stop = async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
    return { ...server, stop };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
}

async function load({ endpoint, version }: EtcdServer, size: number): Promise<void> {
  const { session, close } = await connectV3({ ...settingsFor(endpoint), transport: 'grpc' });
  try {
    const started = performance.now();
    let loaded = 0;
    for (const { keys } of SHAPES) {
      const all = keys(size);
      await putKeys(session, all);
      loaded += all.length;
      const seconds = Math.round((performance.now() - started) / 1000);
      progress(`Loading etcd ${version}: ${loaded} keys in ${seconds} s ...`);
    }
  } finally {
    close();
  }
}

/** Writes keys with the bench's value, in the given order. */
export async function putKeys(session: Session, keys: readonly string[]): Promise<void> {
  const transactions = chunks(keys, KEYS_PER_TRANSACTION);
  const put = async () => {
    for (const chunk of transactions) await putAll(session, chunk);
  };
  await Promise.all(Array.from({ length: TRANSACTIONS_UNDER_WAY }, put));
}

function* chunks(keys: readonly string[], size: number): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size);
}

async function putAll(session: Session, keys: readonly string[]): Promise<void> {
  const success = keys.map((key) => ({
    request: { case: 'requestPut' as const, value: { key: Buffer.from(key), value: VALUE } },
  }));
  await session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
}
