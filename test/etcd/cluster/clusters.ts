import assert from 'node:assert/strict';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import type { ClusterAdmin } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import type { TransportName } from '../../../src/etcd/v3/signedInSession.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { settingsFor } from '../connecting.ts';

export const PASSWORD = 'correct-horse';

interface Opened extends OpenEtcd {
  readonly admin: ClusterAdmin;
}

/** Connections for one test file, which closes them all. */
export class Opener {
  readonly #open: OpenEtcd[] = [];

  async open(
    members: readonly Pick<EtcdServer, 'endpoint'>[],
    transport: TransportName,
    credentials?: Credentials,
    readOnly = false,
  ): Promise<Opened> {
    const settings = settingsFor(members.map(({ endpoint }) => endpoint));
    const connection = await connectEtcd({ ...settings, api: 'v3', transport, readOnly }, credentials);
    this.#open.push(connection);
    const admin = await connection.cluster?.();
    if (!admin) throw new Error('v3 has a cluster');
    return { ...connection, admin };
  }

  close(): void {
    for (const { close } of this.#open.splice(0)) close();
  }
}

export const ROOT: Credentials = { username: 'root', password: PASSWORD };

/** Adds a user with a role that lets it read and write what begins with `/app/`. */
export async function addUser({ etcdctl }: EtcdServer, name: string): Promise<Credentials> {
  for (const args of [
    ['role', 'add', name],
    ['role', 'grant-permission', name, 'readwrite', '--prefix', '/app/'],
    ['user', 'add', `${name}:${PASSWORD}`],
    ['user', 'grant-role', name, name],
  ]) {
    const { code, stderr } = await etcdctl(['--command-timeout', '60s', ...args]);
    if (code !== 0) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`);
  }
  return { username: name, password: PASSWORD };
}

/** Writes until one is refused: etcd counts only what it has committed, which takes a moment. */
const MAX_ROUNDS = 500;

/** Overwrites a key until etcd refuses, because its database is full. */
export async function fillUp(store: Pick<KeyStore, 'get' | 'put'>, key: Uint8Array): Promise<void> {
  let refusal: unknown;
  for (let round = 0; round < MAX_ROUNDS && !refusal; round++) {
    const { kv } = await store.get(key);
    const expected = kv ? { modRevision: kv.modRevision } : 'absent';
    await store.put(key, new Uint8Array(200_000).fill(round), expected).catch((error: unknown) => (refusal = error));
  }
  assert.ok(EtcdError.is(refusal, 'quotaExceeded'), String(refusal));
}
