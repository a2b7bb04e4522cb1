import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpClient } from '../../src/etcd/http/httpClient.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { selfSigned } from '../../test/fixtures/certificates.ts';
import { startCluster } from '../../test/fixtures/etcdCluster.ts';
import type { Progress } from '../setup/progress.ts';
import { configurationKeyspace } from './configuration.ts';
import { featureKeyspace } from './features.ts';
import { seed } from './seed.ts';
import { writeQuietSettings } from './workspace.ts';

export interface HostedEtcd {
  /** The command that a hosting console shows for pasting. It contains the password. */
  readonly commandLine: string;
  readonly certPem: string;
  readonly password: string;
  readonly endpoints: readonly string[];
  stop(): Promise<void>;
}

const CERTIFICATE_FILE = 'servercert.crt';

/**
 * Starts a typical hosted etcd: three members behind self-signed TLS with v2 and v3 keys, a user and a password, and
 * one member down.
 */
export async function startHostedEtcd(progress: Progress): Promise<HostedEtcd> {
  progress('Starting three members of etcd 3.4 with TLS, users and v2 keys ...');
  const password = randomBytes(6).toString('hex');
  const tls = await selfSigned({ commonName: 'hosted etcd', names: ['127.0.0.1', 'localhost'] });
  const members = await startCluster({
    version: '3.4',
    tls,
    auth: { rootPassword: password },
    extraArgs: ['--enable-v2'],
    progress,
  });
  const endpoints = members.map(({ endpoint }) => endpoint);
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()));
  };
  try {
    const settings = {
      endpoints,
      tls: { certificateAuthorities: [tls.certPem] },
      limits: { connect: 5_000, response: 60_000 },
    };
    const { session, close } = await connectV3(settings, { username: 'root', password });
    progress('Filling it ...');
    await seed(session, [...configurationKeyspace(), ...featureKeyspace()], () => undefined);
    close();
    const http = new HttpClient(settings);
    await fillV2(http, password);
    http.close();
    progress(`One of the members is taken down: ${endpoints[0]}`);
    await members[0]?.kill();
  } catch (error) {
    await stop();
    throw error;
  }
  const peers = endpoints.join(',');
  const commandLine = `etcdctl --ca-file ${CERTIFICATE_FILE} --no-sync --peers ${peers} -u root:${password} ls /`;
  return { commandLine, certPem: tls.certPem, password, endpoints, stop };
}

const V2_KEYS: Readonly<Record<string, string>> = {
  '/legacy/app/version': '1.9.4',
  '/legacy/app/config.json': '{ "retries": 3, "backends": ["blue", "green"] }\n',
  '/legacy/services/web/1': '10.0.0.11:8080',
  '/legacy/services/web/2': '10.0.0.12:8080',
};

/** Fills v2, whose users are separate from v3's and whose guests may do everything until that is revoked. */
async function fillV2(http: HttpClient, password: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`root:${password}`).toString('base64')}`;
  const put = async (path: string, body: string, type: string) => {
    const headers = { 'content-type': type, authorization };
    const { status, text } = await http.send({ method: 'PUT', path: `/v2/${path}`, body, headers, repeatable: false });
    if (status >= 300) throw new Error(`PUT ${path}: HTTP ${status} ${text}`);
  };
  for (const [key, value] of Object.entries(V2_KEYS))
    await put(`keys${key}`, new URLSearchParams({ value }).toString(), 'application/x-www-form-urlencoded');
  const expiring = new URLSearchParams({ dir: 'true', ttl: '3600' }).toString();
  await put('keys/legacy/locks', expiring, 'application/x-www-form-urlencoded');
  const guests = { role: 'guest', revoke: { kv: { read: ['/*'], write: ['/*'] } } };
  await put('auth/users/root', JSON.stringify({ user: 'root', password }), 'application/json');
  await put('auth/enable', '', 'application/json');
  await put('auth/roles/guest', JSON.stringify(guests), 'application/json');
}

/**
 * Writes a folder to open in VS Code: the certificate and a README. The connection is missing, because it is to be
 * pasted.
 */
export async function writeHostedWorkspace(folder: string, { certPem }: HostedEtcd): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeQuietSettings(folder);
  await writeFile(join(folder, CERTIFICATE_FILE), certPem);
  await writeFile(join(folder, 'README.md'), README);
}

const README = `# A hosted etcd, as its console shows it

The terminal that started the demo shows an \`etcdctl\` line. Copy it, open the etcd view in the activity bar, and run
**etcd: Add Connection from Clipboard**. The certificate that the line names lies in this folder.

- The first of the three members is down: it costs one attempt, and the next one is used. The tooltip says which.
- The server has v3 keys and v2 keys: each is a connection of its own, here with the same user and password.
- The password goes to the secret storage, the rest to the settings: look at both.
- **Copy as…** on the connection gives the line back, without its password unless you ask for it.
- **Diagnose Connection** tries each member step by step.
`;
