import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../setup/command.mjs';
import { guard } from '../setup/guardian.ts';
import { freePorts } from '../setup/ports.ts';
import { progressToStderr } from '../setup/progress.ts';
import type { Progress } from '../setup/progress.ts';
import { endGroup } from './processGroup.ts';
import { ensureVsCodeServer } from '../setup/vscodeServer.ts';
import type { VsCodeVersion } from '../setup/vscodeServer.ts';

const startLimitMilliseconds = 60_000;
const stopLimitMilliseconds = 10_000;
const pollMilliseconds = 20;

export type Settings = Readonly<Record<string, unknown>>;

/** Returns settings for a window in which nothing opens, asks or sends telemetry by itself. */
const quietSettings = (version: VsCodeVersion): Settings => ({
  'chat.disableAIFeatures': true,
  // VS Code asks whether to remove such characters from a text, and answers yes by itself while an extension's tests
  // run.
  'editor.unusualLineTerminators': 'off',
  'extensions.autoCheckUpdates': false,
  // A newer VS Code replaces the older value in the file each time it starts, at any moment, and may then overwrite what
  // was written into it meanwhile.
  'extensions.autoUpdate': version === '1.103' ? false : 'off',
  'extensions.ignoreRecommendations': true,
  // Not needed here: no built-in extension for the browser, and no repository.
  'extensions.webWorker': false,
  'git.enabled': false,
  // VS Code would report each port that any process on the machine opens, and push aside the extension's messages.
  'remote.autoForwardPorts': false,
  'remote.restoreForwardedPorts': false,
  // The web default saves after a delay, so no editor would stay dirty.
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  // Settings and Workspace Trust would open over everything and swallow F1.
  'workbench.editor.useModal': 'off',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  // A click on the icon of a visible view would hide it.
  'workbench.activityBar.iconClickBehavior': 'focus',
  'workbench.tips.enabled': false,
  // A tooltip would cover the rows to click next while the pointer rests on a row.
  'workbench.hover.delay': 5000,
});

export interface VsCodeServerOptions {
  readonly version: VsCodeVersion;
  /** A folder or a `.code-workspace` file to open in the window; an empty window without it. */
  readonly workspaceFolder?: string;
  /** The user's settings, in addition to those that keep the window quiet. */
  readonly settings?: Settings;
  /** Packaged extensions to install, as a user has them. */
  readonly extensionVsix?: string | readonly string[];
  /** True lets the page run extension tests; no notification toasts are shown then. */
  readonly driver?: boolean;
  /**
   * False asks for trust in workspaces, as VS Code does by default: a folder opens in Restricted Mode. Default: true.
   */
  readonly trustDisabled?: boolean;
  /** Kept when the server stops; by default a temporary folder, which is removed. */
  readonly userDataDir?: string;
  /** Variables of the server and the extension host, in addition to this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: Progress;
}

export interface RunningVsCodeServer {
  /** What to open in a browser. */
  readonly url: string;
  readonly port: number;
  readonly userDataDir: string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  /** Replaces the user's settings; the window uses them after its next load. */
  writeSettings(settings: Settings): Promise<void>;
  /** Ends the server and its extension hosts, and removes temporary folders. */
  stop(): Promise<void>;
}

/**
 * Returns the server's environment. A VS Code terminal's own variables would lead the server to the window around it,
 * and a developer's ETCDCTL_… variables would name another etcd.
 */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_(?!TEST)|ELECTRON_|ETCDCTL_)/.test(name)),
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

interface ServerProcess {
  readonly ended: Promise<unknown>;
  end(): Promise<void>;
}

async function startProcess(
  node: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  address: string,
  logFile: string,
): Promise<ServerProcess> {
  const log = openSync(logFile, 'w');
  // In a process group of its own, so that its extension hosts, which end some seconds after it, can be found.
  const child = spawn(node, args, { stdio: ['ignore', log, log], env, detached: true });
  closeSync(log);
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error(`${node} has no process id`);
  const group = process.platform === 'win32' ? child.pid : -child.pid;
  const release = guard({ pid: group });
  const exit = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  async function end(): Promise<void> {
    child.ref();
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMilliseconds);
    await exit;
    clearTimeout(timer);
    // An extension host writes its code coverage when it ends by itself.
    await endGroup(group, env['NODE_V8_COVERAGE'] === undefined ? 0 : stopLimitMilliseconds);
    release();
  }

  const deadline = Date.now() + startLimitMilliseconds;
  while (!hasEnded() && Date.now() < deadline) {
    if (await answers(address)) {
      child.unref();
      return { ended: exit, end };
    }
    await delay(pollMilliseconds);
  }
  await end();
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  throw new Error(`VS Code's server did not start: ${lines.slice(-5).join(' / ')}`);
}

/**
 * Starts VS Code's server on a free port of 127.0.0.1 and waits until it answers. The server never outlives this
 * process.
 */
export async function startVsCodeServer(options: VsCodeServerOptions): Promise<RunningVsCodeServer> {
  const { workspaceFolder, driver = false, trustDisabled = true, progress = progressToStderr } = options;
  const { node, serverMain } = await ensureVsCodeServer(options.version, progress);
  const folder = await mkdtemp(join(tmpdir(), 'vscode-server-'));
  const releaseFolder = guard({ folder });
  const userDataDir = options.userDataDir ?? join(folder, 'user-data');
  const settingsFolder = join(userDataDir, 'User');
  const env = { ...serverEnvironment(), ...options.env };
  const common = [
    ...[serverMain, '--accept-server-license-terms', '--user-data-dir', userDataDir],
    ...['--server-data-dir', join(folder, 'server-data'), '--extensions-dir', join(folder, 'extensions')],
  ];
  let server: ServerProcess | undefined;

  async function writeSettings(settings: Settings): Promise<void> {
    await mkdir(settingsFolder, { recursive: true });
    // VS Code watches the file, and must never read a part of it.
    const file = join(settingsFolder, 'settings.json');
    const all = { ...quietSettings(options.version), ...settings };
    await writeFile(`${file}.new`, JSON.stringify(all, undefined, 2));
    await rename(`${file}.new`, file);
  }

  async function stop(): Promise<void> {
    await server?.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    releaseFolder();
  }

  try {
    await writeSettings(options.settings ?? {});
    for (const vsix of [options.extensionVsix ?? []].flat())
      await run(node, [...common, '--install-extension', vsix], { env });
    const [port = 0] = await freePorts(1);
    const origin = `http://127.0.0.1:${port}`;
    const args = [
      ...common,
      ...['--host', '127.0.0.1', '--port', `${port}`, '--without-connection-token', '--disable-telemetry'],
      // A person's shell profile would replace the given environment.
      '--force-disable-user-env',
      ...(driver ? ['--enable-smoke-test-driver'] : []),
      ...(trustDisabled ? ['--disable-workspace-trust'] : []),
    ];
    server = await startProcess(node, args, env, `${origin}/version`, join(folder, 'server.log'));
    const kind = workspaceFolder?.endsWith('.code-workspace') ? 'workspace' : 'folder';
    const query = workspaceFolder === undefined ? 'ew=true' : `${kind}=${encodeURIComponent(workspaceFolder)}`;
    return { url: `${origin}/?${query}`, port, userDataDir, ended: server.ended, writeSettings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
