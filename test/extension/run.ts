import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startEtcd } from '../fixtures/etcdServer.ts';

/** Bundles the tests of this folder and runs them in the extension host, beside an etcd of their own. */

const root = join(import.meta.dirname, '..', '..');

await build({
  absWorkingDir: root,
  entryPoints: ['test/extension/*.test.ts'],
  outdir: 'dist/test',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  external: ['vscode'],
  sourcemap: true,
  // What starts servers finds its helper beside itself.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'scripts', 'setup', 'guardian.ts')).href) },
  logLevel: 'warning',
});

const server = await startEtcd();
const testCli = join(root, 'node_modules', '@vscode', 'test-cli', 'out', 'bin.mjs');
const child = spawn(process.execPath, [testCli, '--config', join(import.meta.dirname, 'vscode-test.config.mjs')], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ETCD_TEST_ENDPOINT: server.endpoint },
});
const [code] = await once(child, 'exit');
await server.stop();
process.exitCode = typeof code === 'number' ? code : 1;
