import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { runExtensionTests } from '../host/extensionTests.ts';
import { run } from '../setup/command.mjs';
import { newestVsCode } from '../setup/vscodeServer.ts';
import type { Activation } from './activationProbe.ts';
import { sum } from '../../src/etcd/sum.ts';
import type { Section } from './section.ts';
import { median, short, table } from './tables.ts';

const TIMES = 5;
/**
 * Limit of the code that activation reads, because it reads it whenever VS Code starts; code for a single use belongs
 * in a part of its own.
 */
const MAX_BYTES = 227 * 1024;
const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');

/** Measures activation in the real extension host, and the bundle's size. */
export const activation: Section = {
  name: 'activation',
  async run() {
    await run(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root });
    const counted = await activate('counted');
    const activations: Activation[] = [];
    while (activations.length < TIMES) activations.push(await activate('measured'));
    const bundle = sum(await Promise.all((await parts()).map(async (path) => (await stat(path)).size)));
    const middle = (what: (each: Activation) => number) => short(median(activations.map(what)));
    const row = [
      middle(({ load, call }) => load + call),
      middle(({ load }) => load),
      middle(({ call }) => call),
      `${counted.timers}`,
      `${counted.connections}`,
      `${short(counted.bytes / 1024)} of ${short(bundle / 1024)}`,
    ];
    const head = [
      'ms to activate',
      'reading code',
      'activate()',
      'timers begun',
      'connections begun',
      'KB of code read',
    ];
    return { markdown: table(head, [row]), figures: { counted, activations, bundleBytes: bundle } };
  },
  async check() {
    await run(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root });
    const { timers, connections, bytes } = await activate('counted');
    return [
      ...(timers + connections === 0
        ? []
        : [`activation begins ${timers} timers and ${connections} connections, and should begin none`]),
      ...(bytes <= MAX_BYTES ? [] : [`activation reads ${bytes} bytes of code, more than ${MAX_BYTES}`]),
    ];
  },
};

/** Returns the files of the extension. */
async function parts(): Promise<string[]> {
  return (await readdir(dist)).filter((name) => name.endsWith('.cjs')).map((name) => join(dist, name));
}

/** Activates the extension in a VS Code of its own with hidden views. */
async function activate(what: 'counted' | 'measured'): Promise<Activation> {
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
      define: { COUNTED: String(what === 'counted') },
      logLevel: 'warning',
    });
    const code = await runExtensionTests({ version: newestVsCode, developmentPaths: [root], testsPath });
    if (code !== 0) throw new Error(`the extension host ended with exit code ${code}`);
    return JSON.parse(await readFile(join(folder, 'activation.json'), 'utf8')) as Activation;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
