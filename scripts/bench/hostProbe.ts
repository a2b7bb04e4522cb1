import { join } from 'node:path';
import { extensions } from 'vscode';
import { serveLoopDelay } from './loopDelay.ts';

/** Runs in the extension host, whose event loop it measures; see `editor.ts`, which bundles it. */
export async function run(): Promise<void> {
  await extensions.getExtension('etcd-explorer.etcd-explorer')?.activate();
  await serveLoopDelay(join(__dirname, 'port'));
}
