import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { runExtensionTests } from '../host/extensionTests.ts';
import { run } from '../setup/command.mjs';
import { newestVsCode } from '../setup/vscodeServer.ts';
import type { Activation } from './activationProbe.ts';
import type { Section } from './section.ts';
import { median, short, table } from './tables.ts';

const TIMES = 3;
const root = join(import.meta.dirname, '..', '..');
const bundle = join(root, 'dist', 'extension.cjs');

/** Activation in the real extension host, and the bundle's size. */
export const activation: Section = {
  name: 'activation',
  async run() {
    await run(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root });
    const activations: Activation[] = [];
    while (activations.length < TIMES) activations.push(await activate());
    const { size } = await stat(bundle);
    const milliseconds = median(activations.map((each) => each.milliseconds));
    const timers = Math.max(...activations.map((each) => each.timers));
    const connections = Math.max(...activations.map((each) => each.connections));
    const row = [short(milliseconds), `${timers}`, `${connections}`, short(size / 1024)];
    return {
      markdown: table(['ms to activate', 'timers begun', 'connections begun', 'KB of code'], [row]),
      figures: { activations, bundleBytes: size },
    };
  },
  async check() {
    await run(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root });
    const { timers, connections } = await activate();
    return timers + connections === 0
      ? []
      : [`activation begins ${timers} timers and ${connections} connections, and should begin none`];
  },
};

/** In a VS Code of its own, whose views are hidden. */
async function activate(): Promise<Activation> {
  const folder = await mkdtemp(join(tmpdir(), 'etcd-activation-'));
  try {
    const testsPath = join(folder, 'probe.cjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'activationProbe.ts')],
      outfile: testsPath,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      external: ['vscode'],
      logLevel: 'warning',
    });
    const code = await runExtensionTests({ version: newestVsCode, developmentPaths: [root], testsPath });
    if (code !== 0) throw new Error(`the extension host ended with exit code ${code}`);
    return JSON.parse(await readFile(join(folder, 'activation.json'), 'utf8')) as Activation;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
