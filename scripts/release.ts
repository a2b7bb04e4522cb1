import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishProblems } from './package/publishProblems.ts';
import { npm, run } from './setup/command.mjs';
import { commandLine } from './setup/commandLine.ts';

/** Publishes dist/etcd.vsix, which `npm run package` made, with the token in VSCE_PAT or OVSX_PAT. */

const root = join(import.meta.dirname, '..');
const vsix = join(root, 'dist', 'etcd.vsix');

const PUBLISH = {
  marketplace: () =>
    run(process.execPath, [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'publish', '--packagePath', vsix], {
      cwd: root,
    }),
  openvsx: () => npm(['exec', '--yes', '--package', 'ovsx@1', '--', 'ovsx', 'publish', vsix], { cwd: root }),
};

const { values } = commandLine({ options: { to: { type: 'string' } } });
const problems = publishProblems(
  await readFile(join(root, 'package.json'), 'utf8'),
  await readFile(join(root, 'CHANGELOG.md'), 'utf8'),
);
if (values.to !== 'marketplace' && values.to !== 'openvsx')
  problems.push('Say where: --to marketplace or --to openvsx.');
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(await PUBLISH[values.to as keyof typeof PUBLISH]());
