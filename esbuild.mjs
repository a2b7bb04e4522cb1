import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context, transform } from 'esbuild';

// See docs/contributing/decisions/packages.md

const production = process.argv.includes('--production');
// THIRD_PARTY_NOTICES.txt has all licenses.
const legalComments = 'none';
const outdir = fileURLToPath(new URL('dist', import.meta.url));
// Node.js in the extension host of the oldest VS Code that `engines.vscode` accepts.
const target = 'node22';

/**
 * Converts each part to CommonJS after bundling. esbuild can split only ES modules, but VS Code and its forks load
 * CommonJS. A dynamically imported part is loaded when it is needed.
 * @type {import('esbuild').Plugin}
 */
const asCommonJs = {
  name: 'as-common-js',
  setup(bundle) {
    bundle.onEnd(async ({ outputFiles = [] }) => {
      await mkdir(outdir, { recursive: true });
      for (const { path, text } of outputFiles) {
        const { code } = await transform(text, {
          format: 'cjs',
          platform: 'node',
          target,
          supported: { 'dynamic-import': false },
          minify: production,
          legalComments,
          sourcemap: production ? false : 'inline',
        });
        // A running VS Code may be reading the part at the same time.
        if ((await readFile(path, 'utf8').catch(() => undefined)) !== code) await writeFile(path, code);
      }
      const parts = new Set(outputFiles.map(({ path }) => basename(path)));
      const old = (await readdir(outdir)).filter((name) => name.endsWith('.cjs') && !parts.has(name));
      if (parts.size > 0) for (const name of old) await rm(join(outdir, name));
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const options = {
  // The second one is the script of a thread, the third that of a process. The parts that the first two need add two files
  // to what VS Code loads at activation.
  entryPoints: [
    'src/extension.ts',
    { in: 'src/etcd/snapshotFile/worker.ts', out: 'snapshotWorker' },
    { in: 'src/etcd/tunnel/tunnelGuard.ts', out: 'tunnelGuard' },
  ],
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target,
  external: ['vscode'],
  // jsonc-parser's CommonJS form finds its own parts only if it is not bundled.
  mainFields: ['module', 'main'],
  alias: { 'cacheable-request': fileURLToPath(new URL('scripts/bundle/noHttpCache.mjs', import.meta.url)) },
  minify: production,
  sourcemap: production ? false : 'inline',
  sourcesContent: false,
  legalComments,
  write: false,
  plugins: [asCommonJs],
  logLevel: 'info',
};

/**
 * The script and the style of the Cluster Overview, which run in a page.
 * @type {import('esbuild').BuildOptions}
 */
const pages = {
  entryPoints: [{ in: 'src/webview/overview/main.ts', out: 'overview' }],
  outdir: join(outdir, 'webview'),
  bundle: true,
  format: 'iife',
  target: 'chrome138',
  minify: production,
  sourcemap: production ? false : 'inline',
  sourcesContent: false,
  legalComments,
  logLevel: 'info',
};

const bundles = [options, pages];

/** Prints the files that the bundles are made of, and writes nothing. */
async function listInputs() {
  const inputs = new Set();
  for (const each of bundles) {
    const { metafile } = await build({ ...each, plugins: [], metafile: true, write: false, logLevel: 'error' });
    for (const name of Object.keys(metafile.inputs)) inputs.add(name);
  }
  process.stdout.write([...inputs].toSorted().join('\n'));
}

if (process.argv.includes('--inputs')) await listInputs();
else if (process.argv.includes('--watch')) for (const each of bundles) await (await context(each)).watch();
else await Promise.all(bundles.map((each) => build(each)));
