import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context, transform } from 'esbuild';

const production = process.argv.includes('--production');
const outdir = fileURLToPath(new URL('dist', import.meta.url));
// Node in the extension host of the oldest VS Code that `engines.vscode` admits.
const target = 'node22';

/**
 * esbuild splits ES modules only, and every VS Code and what is made of it loads CommonJS: so each part is made that afterwards, and one
 * that is imported dynamically is loaded when it is needed.
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
          sourcemap: production ? false : 'inline',
        });
        await writeFile(path, code);
      }
      const parts = new Set(outputFiles.map(({ path }) => basename(path)));
      const old = (await readdir(outdir)).filter((name) => name.endsWith('.cjs') && !parts.has(name));
      if (parts.size > 0) for (const name of old) await rm(join(outdir, name));
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: ['src/extension.ts'],
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target,
  external: ['vscode'],
  alias: { 'cacheable-request': fileURLToPath(new URL('scripts/bundle/noHttpCache.mjs', import.meta.url)) },
  minify: production,
  sourcemap: production ? false : 'inline',
  sourcesContent: false,
  write: false,
  plugins: [asCommonJs],
  logLevel: 'info',
};

if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
