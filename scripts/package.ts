import { readdir, stat } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { sum } from '../src/etcd/sum.ts';
import { run } from './setup/command.mjs';

/** Makes dist/etcd.vsix, prints its size, and fails when it or the code in it grew beyond its limit. */

const kilobyte = 1024;
const limits = { 'dist/*.cjs': 765 * kilobyte, 'dist/etcd.vsix': 400 * kilobyte };

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

for (const [files, limit] of Object.entries(limits)) {
  const names = (await readdir(join(root, 'dist'))).filter((name) => matchesGlob(`dist/${name}`, files));
  const size = sum(await Promise.all(names.map(async (name) => (await stat(join(root, 'dist', name))).size)));
  console.log(`${files}: ${Math.round(size / kilobyte)} KB (limit ${limit / kilobyte} KB)`);
  if (size > limit) process.exitCode = 1;
}
