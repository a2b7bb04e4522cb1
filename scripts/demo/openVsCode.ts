import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVsCodeServer } from '../host/server.ts';
import { findOnPath, run } from '../setup/command.mjs';
import type { Progress } from '../setup/progress.ts';

const root = join(import.meta.dirname, '..', '..');
const vsix = join(root, 'dist', 'etcd.vsix');
/** An extension that opens the etcd view and the walkthrough. */
const opener = { folder: join(import.meta.dirname, 'opener'), vsix: join(root, 'dist', 'opener.vsix') };

/**
 * Opens the folder in the machine's VS Code with a profile of its own, or else serves VS Code to a browser.
 * @returns a function that ends what was started
 */
export async function openVsCode(folder: string, progress: Progress): Promise<() => Promise<void>> {
  progress('Packing the extension ...');
  await run(process.execPath, [join(root, 'scripts', 'package.ts')]);
  await packOpener();
  const desktop = findOnPath('code');
  return desktop ? await openDesktop(desktop, folder, progress) : await serve(folder, progress);
}

async function packOpener(): Promise<void> {
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const options = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', opener.vsix];
  await run(process.execPath, [vsce, 'package', ...options], { cwd: opener.folder });
}

async function openDesktop(program: string, folder: string, progress: Progress): Promise<() => Promise<void>> {
  progress('Opening VS Code with a profile of its own ...');
  const profile = await mkdtemp(join(tmpdir(), 'etcd-demo-profile-'));
  const options = ['--user-data-dir', join(profile, 'data'), '--extensions-dir', join(profile, 'extensions')];
  for (const each of [vsix, opener.vsix]) await run(program, [...options, '--install-extension', each]);
  const window = spawn(program, [...options, '--disable-workspace-trust', '--new-window', '--wait', folder], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => window.once('close', () => resolve()));
  return async () => {
    window.kill();
    await ended;
    await rm(profile, { recursive: true, force: true });
  };
}

async function serve(folder: string, progress: Progress): Promise<() => Promise<void>> {
  progress('Getting VS Code ready to be served to a browser ...');
  const server = await startVsCodeServer({
    version: '1.139',
    workspaceFolder: folder,
    extensionVsix: [vsix, opener.vsix],
    driver: false,
    trustDisabled: true,
    progress,
  });
  console.log(`\nVS Code is served at ${server.url} : open this address in a browser on this machine.`);
  return () => server.stop();
}
