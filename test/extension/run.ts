import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { newestVsCode } from '../../scripts/setup/vscodeServer.ts';
import { startEtcd } from '../fixtures/etcdServer.ts';

/**
 * Bundles the tests of this folder and runs them in the extension host, with an etcd of their own. Arguments are
 * mocha's, such as `--fgrep TEXT`.
 */

const root = join(import.meta.dirname, '..', '..');

/** A folder for each VS Code, because both may run at the same time. */
const tests = join(root, 'dist', 'test', process.env['VSCODE_TEST_VERSION'] ?? newestVsCode);

await build({
  absWorkingDir: root,
  entryPoints: ['test/extension/*.test.ts', 'test/extension/activated.ts'],
  outdir: tests,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  mainFields: ['module', 'main'],
  target: 'node22',
  external: ['vscode'],
  sourcemap: true,
  // Code that starts servers finds its helper beside itself.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'scripts', 'setup', 'guardian.ts')).href) },
  logLevel: 'warning',
});

const server = await startEtcd();
const testCli = join(root, 'node_modules', '@vscode', 'test-cli', 'out', 'bin.mjs');
const args = ['--config', join(import.meta.dirname, 'vscode-test.config.mjs'), ...process.argv.slice(2)];
const child = spawn(process.execPath, [testCli, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ETCD_TEST_ENDPOINT: server.endpoint, BUNDLED_TESTS: tests },
});
const [code] = await once(child, 'exit');
await server.stop();
process.exitCode = typeof code === 'number' ? code : 1;
