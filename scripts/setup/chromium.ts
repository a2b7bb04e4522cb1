import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { cachedFolder } from './cache.mjs';
import { attempt, findOnPath, npm, run } from './command.mjs';
import { messageOf, progressToStderr } from './progress.ts';
import type { Progress } from './progress.ts';

export interface Chromium {
  readonly executablePath: string;
  /** The whole environment to start it with. */
  readonly env: NodeJS.ProcessEnv;
  /** Flags for a test browser: no sandbox (root may run it), no GPU, no requests of its own. */
  readonly args: readonly string[];
}

const decompress = promisify(brotliDecompress);
const packageVersion = '153.0.0';
const programNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const usualPlaces: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].flatMap((path) =>
    ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((folder) => join(process.env[folder] ?? 'C:\\', path)),
  ),
};
const fontFolders = ['/usr/share/fonts', '/usr/local/share/fonts', join(homedir(), '.fonts')];
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--no-first-run', '--disable-quic'],
];

/** Returns why the browser does not start in that environment; undefined if it does. */
async function startProblem(executablePath: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  // Chrome for Windows ignores --version and opens a window.
  if (process.platform === 'win32') return undefined;
  try {
    const { code, stderr } = await attempt(executablePath, ['--version'], { env });
    return code === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `exit code ${code}`);
  } catch (error) {
    return messageOf(error);
  }
}

async function machineBrowser(): Promise<string | undefined> {
  const candidates = [...programNames.map(findOnPath), ...(usualPlaces[process.platform] ?? [])];
  for (const path of candidates) {
    if (path !== undefined && existsSync(path) && (await startProblem(path, process.env)) === undefined) return path;
  }
  return undefined;
}

async function unpack(packed: string, folder: string, name: string): Promise<void> {
  const content = await decompress(await readFile(join(packed, `${name}.br`)));
  const target = join(folder, name);
  await writeFile(target, content, { mode: 0o755 });
  if (!name.endsWith('.tar')) return;
  await run('tar', ['-xf', target, '-C', folder]);
  await rm(target);
}

/**
 * Makes the packaged browser in `folder`: the executable `chromium`, libraries in `lib`, and `fonts` with a
 * `fonts.conf`.
 */
async function makePackagedBrowser(folder: string): Promise<void> {
  const archive = (await npm(['pack', `@sparticuz/chromium@${packageVersion}`, '--silent'], { cwd: folder })).trim();
  await run('tar', ['-xzf', archive, 'package/bin'], { cwd: folder });
  const packed = join(folder, 'package', 'bin');
  for (const name of ['chromium', 'al2023.tar', 'fonts.tar']) await unpack(packed, folder, name);
  const configuration = ['<fontconfig>', '  <dir prefix="relative">fonts</dir>', '</fontconfig>', ''];
  await writeFile(join(folder, 'fonts.conf'), configuration.join('\n'));
  await rm(join(folder, 'package'), { recursive: true });
  await rm(join(folder, archive));
}

async function machineHasFonts(): Promise<boolean> {
  if (!existsSync('/etc/fonts/fonts.conf')) return false;
  for (const folder of fontFolders.filter((path) => existsSync(path))) {
    const files = await readdir(folder, { recursive: true });
    if (files.some((name) => /\.(ttf|ttc|otf)$/.test(name))) return true;
  }
  return false;
}

async function packagedBrowser(progress: Progress): Promise<Chromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`npm has a Chromium for linux-x64 alone, not for ${process.platform}-${process.arch}`);
  }
  const folder = await cachedFolder(`chromium-${packageVersion}-1`, async (temporary) => {
    progress(`Getting Chromium, as the npm package @sparticuz/chromium ${packageVersion} ...`);
    await makePackagedBrowser(temporary);
  });
  const executablePath = join(folder, 'chromium');
  const fonts = (await machineHasFonts()) ? {} : { FONTCONFIG_PATH: folder };
  // Prefers the package's libraries, then the machine's own.
  const libraryPath = [join(folder, 'lib'), process.env['LD_LIBRARY_PATH']].filter((path) => path).join(':');
  let problem: string | undefined;
  for (const libraries of [{}, { LD_LIBRARY_PATH: libraryPath }]) {
    const env = { ...process.env, ...fonts, ...libraries };
    problem = await startProblem(executablePath, env);
    if (problem === undefined) return { executablePath, env, args: flags };
  }
  throw new Error(`${executablePath} does not start: ${problem}`);
}

/** Finds a Chromium to drive: the machine's own browser, or else npm's. Rejects with one sentence if neither runs. */
export async function ensureChromium(progress: Progress = progressToStderr): Promise<Chromium> {
  const executablePath = await machineBrowser();
  if (executablePath !== undefined) return { executablePath, env: process.env, args: flags };
  try {
    return await packagedBrowser(progress);
  } catch (error) {
    const reason = `none is on PATH and ${messageOf(error)}`;
    throw new Error(`No browser: install Chromium, Chrome or Edge, since ${reason}.`, { cause: error });
  }
}
