import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { sum } from '../src/etcd/sum.ts';
import { commitTime } from './package/commitTime.ts';
import { packagedReadme } from './package/packagedReadme.ts';
import { run } from './setup/command.mjs';
import { commandLine } from './setup/commandLine.ts';

/**
 * Makes dist/etcd.vsix, prints its size, and fails if it or the code in it is larger than its limit. `--make` and `--measure` do only
 * one of the two; `--out FILE` makes another file instead. The same commit always yields the same bytes.
 */

const kilobyte = 1024;
const limits = { 'dist/*.cjs': 1255 * kilobyte, 'dist/etcd.vsix': 565 * kilobyte };

const root = join(import.meta.dirname, '..');
const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
const options = ['--no-dependencies', '--no-rewrite-relative-links', '--readme-path', 'dist/README.md'];
const { values: only } = commandLine({
  options: { make: { type: 'boolean' }, measure: { type: 'boolean' }, out: { type: 'string' } },
});
if (!only.measure) {
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(join(root, 'dist', 'README.md'), packagedReadme(await readFile(join(root, 'README.md'), 'utf8')));
  await run(process.execPath, [vsce, 'package', ...options, '--out', only.out ?? 'dist/etcd.vsix'], {
    cwd: root,
    env: { ...process.env, SOURCE_DATE_EPOCH: await commitTime(root) },
  });
}

for (const [files, limit] of Object.entries(only.make || only.out !== undefined ? {} : limits)) {
  const names = (await readdir(join(root, 'dist'))).filter((name) => matchesGlob(`dist/${name}`, files));
  const size = sum(await Promise.all(names.map(async (name) => (await stat(join(root, 'dist', name))).size)));
  console.log(`${files}: ${Math.round(size / kilobyte)} KB (limit ${limit / kilobyte} KB)`);
  if (size > limit) process.exitCode = 1;
}
