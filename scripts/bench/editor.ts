import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { singleKeyRange } from '../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { startEtcd } from '../../test/fixtures/etcdServer.ts';
import { runExtensionTests } from '../host/extensionTests.ts';
import { run } from '../setup/command.mjs';
import type { EtcdSeries } from '../setup/etcdSeries.ts';
import { newestVsCode } from '../setup/vscodeServer.ts';
import { countedPort, type CountedPort } from './countedPort.ts';
import { EditorWindow } from './editorWindow.ts';
import { Flood } from './flood.ts';
import { loopDelayDuring, tell, type LoopDelay } from './loopDelay.ts';
import type { Section } from './section.ts';
import { settingsFor } from './settings.ts';
import { median, short, table, type Row } from './tables.ts';
import { TRANSPORTS, type TransportName } from './ways.ts';

const ROOT = '/bench-editor/';
/** The expanded folder that is flooded. */
const FLOODED = 'flooded';
const PUTS = 30;
const SECONDS = 5;
/** Silence in milliseconds after which nothing is under way any more. */
const QUIET = 500;
const POLL = 20;
const root = join(import.meta.dirname, '..', '..');

interface Figures {
  readonly version: EtcdSeries;
  readonly transport: TransportName;
  /** Milliseconds from sending each put to its drawn row. */
  readonly rows: readonly number[];
  readonly host: LoopDelay;
  /** Delays of an idle process on the same machine. */
  readonly idle: LoopDelay;
  readonly written: number;
  readonly seconds: number;
  /** Bytes sent and received while the view was hidden and as much was written. */
  readonly hiddenBytes: number;
}

/**
 * Measures the real editor with an expanded folder: how soon a row appears after its put, and what ten thousand writes
 * a second do to the extension host.
 */
export const editor: Section = {
  name: 'editor',
  async run({ versions }) {
    await run(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root });
    const figures: Figures[] = [];
    for (const version of versions) for (const transport of TRANSPORTS) figures.push(await measure(version, transport));
    const latencies = figures.map(({ transport, version, rows }): Row => {
      const sorted = rows.toSorted((a, b) => a - b);
      return [transport, version, short(median(rows)), short(sorted[Math.floor(PUTS * 0.95)] ?? 0)];
    });
    const floods = figures.map(({ transport, version, host, idle, written, seconds, hiddenBytes }): Row => [
      transport,
      version,
      short(written / seconds),
      ...[host, idle].map(({ half, most99, most }) => [half, most99, most].map(short).join(' / ')),
      `${hiddenBytes}`,
    ]);
    const latencyTable = table(['put → row in the tree', 'etcd', 'ms', 'ms, 95 %'], latencies);
    const floodTable = table(
      [
        '10,000 writes a second below an expanded folder',
        'etcd',
        'writes/s',
        "extension host's event loop delay, ms: median / 99 % / most",
        'of an idle process',
        'bytes while the view is hidden',
      ],
      floods,
    );
    return { markdown: `${latencyTable}\n\n${floodTable}`, summary: `${latencyTable}\n\n${floodTable}`, figures };
  },
};

async function measure(version: EtcdSeries, transport: TransportName): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'etcd-editor-'));
  const server = await startEtcd({ version });
  const between = await countedPort(server.port);
  const { store, close } = await connectV3({ ...settingsFor(server.endpoint), transport: 'grpc' });
  const [hostPort, idlePort] = [join(folder, 'port'), join(folder, 'idle')];
  const idle = fork(join(import.meta.dirname, 'idleProcess.ts'), [idlePort]);
  let figures: Figures | undefined;
  try {
    await store.put(Buffer.from(`${ROOT}${FLOODED}/key`), Buffer.from('0'), 'absent');
    const meanwhile = async (page: Page) => {
      const window = new EditorWindow(page);
      const ports = await Promise.all([portIn(hostPort), portIn(idlePort)]);
      await window.showKeys();
      await window.expand('bench', FLOODED);
      await window.isFollowing();
      const rows = await putsUntilRows(window, store);
      await window.expand(FLOODED, 'key');
      const seen = await Flood.prepare(server.endpoint, `${ROOT}${FLOODED}/`, SECONDS);
      let seconds = 0;
      const [host, beside] = await loopDelayDuring(ports, async () => {
        seconds = await seen.run();
      });
      seen.close();
      const hiddenBytes = await bytesWhileHidden(window, between, server.endpoint);
      await Promise.all(ports.map((port) => tell(port, 'over')));
      if (host && beside)
        figures = { version, transport, rows, host, idle: beside, written: seen.written, seconds, hiddenBytes };
    };
    const code = await runExtensionTests({
      version: newestVsCode,
      developmentPaths: [root],
      testsPath: await bundledProbe(folder),
      settings: { 'etcd.connections': [{ name: 'bench', endpoints: [between.endpoint], transport, root: ROOT }] },
      meanwhile,
    });
    if (code !== 0 || !figures) throw new Error(`the extension host ended with exit code ${code}`);
    return figures;
  } finally {
    idle.kill();
    close();
    between.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function putsUntilRows(window: EditorWindow, store: KeyStore): Promise<number[]> {
  const rows: number[] = [];
  for (let number = 0; number < PUTS; number++) {
    const name = `new-${number}`;
    const key = Buffer.from(ROOT + name);
    const drawn = window.drawn(name);
    await window.settled();
    const sent = performance.timeOrigin + performance.now();
    await store.put(key, Buffer.from('1'), 'absent');
    rows.push((await drawn) - sent);
    await store.delete([singleKeyRange(key)]);
    await window.gone(name);
    // A single write: VS Code draws a tree that has changed within 200 ms only after these.
    await delay(QUIET);
  }
  return rows;
}

/** Writes as much as before while the view is hidden. */
async function bytesWhileHidden(window: EditorWindow, between: CountedPort, endpoint: string): Promise<number> {
  const unseen = await Flood.prepare(endpoint, `${ROOT}${FLOODED}/`, SECONDS);
  await window.hideKeys();
  for (let before = -1; before !== between.bytes; await delay(QUIET)) before = between.bytes;
  const before = between.bytes;
  await unseen.run();
  unseen.close();
  return between.bytes - before;
}

async function bundledProbe(folder: string): Promise<string> {
  const outfile = join(folder, 'probe.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'hostProbe.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}

/** Waits for the port that a process writes to a file. */
async function portIn(file: string): Promise<number> {
  for (;;) {
    const port = Number(await readFile(file, 'utf8').catch(() => ''));
    if (port > 0) return port;
    await delay(POLL);
  }
}
