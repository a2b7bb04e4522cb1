import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const production = process.argv.includes('--production');

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  // Node in the extension host of the oldest VS Code that `engines.vscode` admits.
  target: 'node22',
  external: ['vscode'],
  alias: { 'cacheable-request': fileURLToPath(new URL('scripts/bundle/noHttpCache.mjs', import.meta.url)) },
  minify: production,
  sourcemap: !production,
  sourcesContent: false,
  logLevel: 'info',
};

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
