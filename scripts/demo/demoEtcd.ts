import { randomBytes } from 'node:crypto';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { selfSigned } from '../../test/fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../test/fixtures/etcdServer.ts';
import type { Progress } from '../setup/progress.ts';
import { demoKeyspace } from './keyspace.ts';
import { seed } from './seed.ts';

export interface DemoEtcd {
  readonly server: EtcdServer;
  readonly certPem: string;
  readonly userName: string;
  readonly password: string;
}

/** Starts an etcd with a self-signed certificate and authentication, filled with a lifelike keyspace. */
export async function startDemoEtcd(progress: Progress): Promise<DemoEtcd> {
  progress('Starting etcd with TLS and authentication ...');
  const userName = 'root';
  const password = randomBytes(6).toString('hex');
  const tls = await selfSigned({ commonName: 'etcd demo', names: ['127.0.0.1', 'localhost'] });
  const server = await startEtcd({ tls, auth: { rootPassword: password }, progress });
  progress(`etcd ${server.version} serves ${server.endpoint}`);
  const demo = { server, certPem: tls.certPem, userName, password };
  try {
    await fill(demo, progress);
    return demo;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function fill({ server, certPem, userName, password }: DemoEtcd, progress: Progress): Promise<void> {
  const settings = {
    endpoints: [server.endpoint],
    tls: { certificateAuthorities: [certPem] },
    limits: { connect: 5_000, response: 60_000 },
  };
  const { session, close } = await connectV3(settings, { username: userName, password });
  let shown = -1;
  await seed(session, demoKeyspace(), (written, total) => {
    const tenth = Math.floor((10 * written) / total);
    if (tenth === shown) return;
    shown = tenth;
    progress(`Filling it: ${written.toLocaleString()} of ${total.toLocaleString()} keys`);
  });
  close();
}
