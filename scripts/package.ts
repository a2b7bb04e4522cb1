import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './setup/command.mjs';

/** Makes dist/etcd.vsix, prints its size, and fails when it or the bundle in it grew beyond its limit. */

const kilobyte = 1024;
const limits = { 'dist/extension.cjs': 750 * kilobyte, 'dist/etcd.vsix': 400 * kilobyte };

const root = join(import.meta.dirname, '..');
const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
const options = [
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  'dist/etcd.vsix',
];
await run(process.execPath, [vsce, 'package', ...options], { cwd: root });

for (const [path, limit] of Object.entries(limits)) {
  const { size } = await stat(join(root, path));
  console.log(`${path}: ${Math.round(size / kilobyte)} KB (limit ${limit / kilobyte} KB)`);
  if (size > limit) process.exitCode = 1;
}
