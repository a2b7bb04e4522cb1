import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startClusterDemo, writeClusterWorkspace } from './demo/clusterEtcd.ts';
import { startDemoEtcd } from './demo/demoEtcd.ts';
import { startHostedEtcd, writeHostedWorkspace } from './demo/hostedEtcd.ts';
import { openVsCode } from './demo/openVsCode.ts';
import { writeDemoWorkspace } from './demo/workspace.ts';
import { commandLine } from './setup/commandLine.ts';
import { progressToStderr as progress } from './setup/progress.ts';

/** Starts a real etcd with TLS and authentication, fills it, and opens VS Code beside it. Ctrl-C ends everything. */

const { values: options } = commandLine({
  options: {
    /** Starts etcd and writes the workspace for a VS Code that is started in another way. */
    'etcd-only': { type: 'boolean', default: false },
    /**
     * Starts three members behind one certificate, one of them down, and prints a line to paste instead of a
     * connection.
     */
    hosted: { type: 'boolean', default: false },
    /** Starts three members with users and roles, and an etcd whose database is nearly full, to operate them. */
    cluster: { type: 'boolean', default: false },
    /** Keeps the workspace in this folder instead of a temporary one. */
    workspace: { type: 'string' },
  },
});

const endings: (() => Promise<void>)[] = [];
const stopped = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve());

/** @returns what the user does next */
async function startSimple(folder: string): Promise<string> {
  const { server, certPem, userName, password } = await startDemoEtcd(progress);
  endings.push(() => server.stop());
  await writeDemoWorkspace(folder, { endpoint: server.endpoint, certPem, userName });
  return `In VS Code, expand "hosted" in the etcd view.
It asks once for the password of the etcd user ${userName}: ${password}`;
}

/** @returns what the user does next */
async function startHosted(folder: string): Promise<string> {
  const hosted = await startHostedEtcd(progress);
  endings.push(() => hosted.stop());
  await writeHostedWorkspace(folder, hosted);
  return `Copy this line, and run "etcd: Add Connection from Clipboard" in VS Code:\n\n${hosted.commandLine}\n`;
}

/** @returns what the user does next */
async function startClusters(folder: string): Promise<string> {
  const demo = await startClusterDemo(progress);
  endings.push(() => demo.stop());
  await writeClusterWorkspace(folder, demo);
  return `In VS Code, choose "Show Cluster" in the menu of "cluster" in the etcd view.
It asks once for the password of the etcd user root: ${demo.password}`;
}

async function start(): Promise<void> {
  const folder = options.workspace ? resolve(options.workspace) : await mkdtemp(join(tmpdir(), 'etcd-demo-'));
  if (!options.workspace) endings.push(() => rm(folder, { recursive: true, force: true }));
  const begin = options.cluster ? startClusters : options.hosted ? startHosted : startSimple;
  const whatToDo = await begin(folder);
  progress(`The workspace is ${folder}`);
  if (!options['etcd-only']) endings.push(await openVsCode(folder, progress));
  console.log(`\n${whatToDo}`);
  console.log('Ctrl-C ends etcd and everything else that this demo started.');
}

// The started processes do not keep this one alive.
const alive = setInterval(() => undefined, 60_000);
try {
  await Promise.race([start(), stopped.promise]);
  await stopped.promise;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  clearInterval(alive);
  for (const end of endings.toReversed()) await end();
}
