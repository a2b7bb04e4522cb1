import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connectV3 } from '../src/etcd/v3/connectV3.ts';
import { selfSigned } from '../test/fixtures/certificates.ts';
import { startEtcd } from '../test/fixtures/etcdServer.ts';
import { demoKeyspace } from './demo/keyspace.ts';
import { openVsCode } from './demo/openVsCode.ts';
import { seed } from './demo/seed.ts';
import { writeDemoWorkspace } from './demo/workspace.ts';
import { progressToStderr as progress } from './setup/progress.ts';

/** Starts a real etcd with TLS and authentication, fills it, and opens VS Code beside it. Ctrl-C ends all of it. */

const USER = 'root';

const { values: options } = parseArgs({
  options: {
    /** Starts etcd and writes the workspace, for a VS Code that is started by other means. */
    'etcd-only': { type: 'boolean', default: false },
    /** Keeps the workspace in this folder instead of a temporary one. */
    workspace: { type: 'string' },
  },
});

const endings: (() => Promise<void>)[] = [];
const stopped = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve());

async function start(): Promise<void> {
  progress('Starting etcd with TLS and authentication ...');
  const password = randomBytes(6).toString('hex');
  const tls = await selfSigned({ commonName: 'etcd demo', names: ['127.0.0.1', 'localhost'] });
  const server = await startEtcd({ tls, auth: { rootPassword: password }, progress });
  endings.push(() => server.stop());
  progress(`etcd ${server.version} serves ${server.endpoint}`);

  await fill(server.endpoint, tls.certPem, password);

  const folder = options.workspace ? resolve(options.workspace) : await mkdtemp(join(tmpdir(), 'etcd-demo-'));
  if (!options.workspace) endings.push(() => rm(folder, { recursive: true, force: true }));
  await writeDemoWorkspace(folder, { endpoint: server.endpoint, certPem: tls.certPem, userName: USER });
  progress(`The workspace is ${folder}`);

  if (!options['etcd-only']) endings.push(await openVsCode(folder, progress));
  console.log(`\nIn VS Code, open the etcd view in the activity bar and expand "hosted".`);
  console.log(`It asks once for the password of the etcd user ${USER}: ${password}`);
  console.log('Ctrl-C ends etcd and everything else that this demo started.');
}

async function fill(endpoint: string, certPem: string, password: string): Promise<void> {
  const settings = {
    endpoints: [endpoint],
    tls: { certificateAuthorities: [certPem] },
    limits: { connect: 5_000, response: 60_000 },
  };
  const { session, close } = await connectV3(settings, { username: USER, password });
  let shown = -1;
  await seed(session, demoKeyspace(), (written, total) => {
    const tenth = Math.floor((10 * written) / total);
    if (tenth === shown) return;
    shown = tenth;
    progress(`Filling it: ${written.toLocaleString()} of ${total.toLocaleString()} keys`);
  });
  close();
}

try {
  await Promise.race([start(), stopped.promise]);
  await stopped.promise;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const end of endings.toReversed()) await end();
}
