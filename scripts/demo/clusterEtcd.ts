import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { selfSigned } from '../../test/fixtures/certificates.ts';
import { startCluster } from '../../test/fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../test/fixtures/etcdServer.ts';
import type { Progress } from '../setup/progress.ts';
import { configurationKeyspace } from './configuration.ts';
import { featureKeyspace } from './features.ts';
import { seed } from './seed.ts';
import { writeQuietSettings } from './workspace.ts';

export interface ClusterDemo {
  readonly certPem: string;
  readonly password: string;
  readonly endpoints: readonly string[];
  /** The etcd whose database is nearly full. */
  readonly small: EtcdServer;
  stop(): Promise<void>;
}

const CERTIFICATE_FILE = 'servercert.crt';
const QUOTA = 4 * 1024 * 1024;
/** Share of the quota from which the file is full enough: a few more writes of the large value are refused. */
const FILLED = 0.7;
const LARGE = 200_000;
/** Limit of the writes that fill it. On a busy machine, some fail. */
const MAX_ATTEMPTS = 60;
const WRITE_EVERY_MILLISECONDS = 500;
/** An hour of writes, so that a forgotten demo fills nothing. */
const MAX_WRITES = 7200;

/** What each role may do below a prefix. */
const ROLES: readonly (readonly [role: string, access: string, prefix: string])[] = [
  ['deployer', 'readwrite', '/config/'],
  ['viewer', 'read', '/config/'],
  ['viewer', 'read', '/features/'],
];
const USERS: readonly (readonly [user: string, roles: readonly string[]])[] = [
  ['alice', ['deployer', 'viewer']],
  ['bob', ['viewer']],
];

/** Starts three members with TLS, users and roles, to which something is written all the time, and a nearly full etcd. */
export async function startClusterDemo(progress: Progress): Promise<ClusterDemo> {
  const password = randomBytes(6).toString('hex');
  const tls = await selfSigned({ commonName: 'etcd cluster', names: ['127.0.0.1', 'localhost'] });
  const running: EtcdServer[] = [];
  let stopWriting = () => {};
  const stop = async () => {
    stopWriting();
    await Promise.all(running.map((server) => server.stop()));
  };
  try {
    progress('Starting three members of etcd with TLS, users and roles ...');
    const extraArgs = ['--unsafe-no-fsync=false'];
    running.push(...(await startCluster({ tls, auth: { rootPassword: password }, extraArgs, progress })));
    const endpoints = running.map(({ endpoint }) => endpoint);
    stopWriting = await fillCluster(endpoints, tls.certPem, password);
    await addAccounts(running[0], password);
    progress('Starting an etcd whose database is nearly full ...');
    const small = await startEtcd({ extraArgs: ['--quota-backend-bytes', `${QUOTA}`], progress });
    running.push(small);
    await nearlyFill(small);
    return { certPem: tls.certPem, password, endpoints, small, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns what ends the writes */
async function fillCluster(endpoints: readonly string[], certPem: string, password: string): Promise<() => void> {
  const settings = {
    endpoints,
    tls: { certificateAuthorities: [certPem] },
    limits: { connect: 5_000, response: 60_000 },
  };
  const { session, close } = await connectV3(settings, { username: 'root', password });
  await seed(session, [...configurationKeyspace(), ...featureKeyspace()], () => undefined);
  let writes = 0;
  const timer = setInterval(() => {
    if (++writes === MAX_WRITES) return clearInterval(timer);
    const entry = { key: `/load/${writes % 50}`, value: `${writes} `.repeat(100) };
    // A member may be removed, or taken down, by whoever tries the demo.
    void seed(session, [entry], () => undefined).catch(() => undefined);
  }, WRITE_EVERY_MILLISECONDS);
  return () => {
    clearInterval(timer);
    close();
  };
}

async function addAccounts(server: EtcdServer | undefined, password: string): Promise<void> {
  const run = async (...args: string[]) => {
    const { code, stderr } = (await server?.etcdctl(args)) ?? { code: 1, stderr: 'no member' };
    if (code !== 0) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`);
  };
  for (const role of new Set(ROLES.map(([name]) => name))) await run('role', 'add', role);
  for (const [role, access, prefix] of ROLES) await run('role', 'grant-permission', '--prefix', role, access, prefix);
  for (const [user, roles] of USERS) {
    await run('user', 'add', `${user}:${password}`);
    for (const role of roles) await run('user', 'grant-role', user, role);
  }
}

async function nearlyFill(server: EtcdServer): Promise<void> {
  await server.etcdctl(['put', '/app/config', 'Change me and save.']);
  // How much the file grows with each write depends on how fast they follow each other.
  for (let attempt = 0; attempt < MAX_ATTEMPTS && (await fileSize(server)) < QUOTA * FILLED; attempt++)
    await server.etcdctl(['put', '/app/large'], { input: `${attempt}\n`.padEnd(LARGE, 'x') });
}

async function fileSize(server: EtcdServer): Promise<number> {
  const { stdout } = await server.etcdctl(['endpoint', 'status', '--write-out=json']);
  const [only] = JSON.parse(stdout) as { readonly Status: { readonly dbSize: number } }[];
  return only?.Status.dbSize ?? 0;
}

/** Writes a folder to open in VS Code: the certificate, the settings of both connections, and a README. */
export async function writeClusterWorkspace(folder: string, demo: ClusterDemo): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeQuietSettings(folder, {
    'etcd.connections': [
      { name: 'cluster', endpoints: demo.endpoints, username: 'root', caFile: CERTIFICATE_FILE },
      { name: 'nearly-full', endpoints: [demo.small.endpoint] },
    ],
  });
  await writeFile(join(folder, CERTIFICATE_FILE), demo.certPem);
  await writeFile(join(folder, 'README.md'), README);
}

const README = `# A cluster to operate

The etcd view has two connections. The terminal that started the demo shows the password of \`root\` in \`cluster\`. Everything is gone
when that demo ends.

Choose **Show Cluster** in the menu of \`cluster\`. Then:

1. **Members.** Expand one, and its metrics. **Move Leader…**, **Add Member…** and **Remove Member…** first say what becomes of the quorum.
2. **Show Cluster Overview**, the graph above the view, draws figures over time. Something is written twice a second.
3. **Check Cluster** reports on every member and says what to do.
4. **Save Snapshot…**, then open the file with **Open Snapshot…**.
5. **Leases**: give \`/config/app/application.yaml\` a time to live, and filter, keep alive or revoke its lease.
6. **Users and roles**: \`alice\` may change \`/config/\`, \`bob\` may read it and \`/features/\`. **Show Who Has Access** on a folder. Both have
   root's password: change theirs, grant a role, or sign in as one of them.
7. **Open Terminal with etcdctl**.

And in \`nearly-full\`:

8. Change \`/app/large\` and save it a few times, until etcd takes no more. **Make Room…** leads from the refused save to the saved text.
`;
