import { join } from 'node:path';
import { extensions } from 'vscode';
import { EXTENSION_ID } from '../package/extensionId.ts';
import { serveLoopDelay } from './loopDelay.ts';

/** Measures the event loop of the extension host that it runs in; see `editor.ts`, which bundles it. */
export async function run(): Promise<void> {
  await extensions.getExtension(EXTENSION_ID)?.activate();
  await serveLoopDelay(join(__dirname, 'port'));
}
