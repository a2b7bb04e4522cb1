import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Workbench } from '../test/ui/workbench.ts';
import { animatedWebp, type Frame } from './pictures/animatedWebp.ts';
import { startDemoEtcd } from './demo/demoEtcd.ts';
import { writeDemoWorkspace } from './demo/workspace.ts';
import { run } from './setup/command.mjs';
import { progressToStderr as progress } from './setup/progress.ts';

/** Makes the animation of the README from the demo: browsing, editing, meeting a conflict, and going back in history. */

const root = join(import.meta.dirname, '..');
const file = join(root, 'media', 'screenshots', 'etcd.webp');
const QUALITY = 70;
const [SHORT, LONG] = [700, 2500];
const KEY = '/config/app/application.yaml';
/** Script in the page that says whether everything has faded in; what moves without an end does not count. */
const IS_STILL = `document.getAnimations().every(({ playState, effect }) =>
  playState !== 'running' || effect.getComputedTiming().endTime === Infinity)`;
const SETTLE_LIMIT = 3000;

await run(process.execPath, [join(root, 'scripts', 'package.ts'), '--make']);
const { server, certPem, userName, password } = await startDemoEtcd(progress);
const workbench = await Workbench.open({
  prepare: (folder) => writeDemoWorkspace(folder, { endpoint: server.endpoint, certPem, userName }),
  settings: {
    'workbench.colorTheme': 'Dark Modern',
    '[yaml]': { 'editor.autoIndent': 'none' },
    'window.title': 'etcd',
    'editor.cursorBlinking': 'solid',
  },
});
const { page } = workbench;
const devtools = await page.context().newCDPSession(page);
const frames: Frame[] = [];

/** Adds what is seen now to the animation. */
async function frame(milliseconds: number): Promise<void> {
  await page.waitForFunction(IS_STILL, undefined, { timeout: SETTLE_LIMIT }).catch(() => undefined);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  frames.push({ webp: Buffer.from(data, 'base64'), milliseconds });
}

try {
  await workbench.openView();
  await workbench.item(/^hosted/).click();
  await workbench.answer('Connect');
  await page.locator('.quick-input-widget input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await workbench.item(/^config /).waitFor();
  await frame(LONG);
  for (const folder of ['config', 'app']) {
    await workbench.expand(new RegExp(`^${folder} `));
    await frame(SHORT);
  }
  await workbench.item('application.yaml').dblclick();
  await workbench.editorText.getByText('server').first().waitFor();
  // The colors appear after the text.
  await page.locator('.view-line span[class*="mtk"]:not([class="mtk1"])').first().waitFor();
  await frame(LONG);

  const { stdout } = await server.etcdctl(['get', KEY, '--print-value-only']);
  const withPort = (port: number) => stdout.replace(/\n$/, '').replace('port: 8080', `port: ${port}`);
  await workbench.type('application.yaml', withPort(8443));
  await page.keyboard.press('Control+Home');
  await frame(LONG);
  await server.etcdctl(['put', KEY, withPort(9000)]);
  await page
    .getByText(/changed in etcd/i)
    .first()
    .waitFor();
  await frame(LONG);
  await workbench.save();
  await workbench.toasts.getByRole('button', { name: 'Compare' }).waitFor();
  await frame(LONG);
  await workbench.toasts.getByRole('button', { name: 'Compare' }).click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await frame(LONG);

  await workbench.command('File: Revert File');
  await workbench.command('Notifications: Clear All Notifications');
  await workbench.command('View: Close All Editors');
  await workbench.menu(workbench.item('application.yaml'), 'Show History');
  const version = page.getByRole('option', { name: /^Revision/ });
  await page.getByRole('option', { name: /The key did not exist before that/ }).waitFor();
  await frame(LONG);
  await version.nth(1).click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await frame(LONG);
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await writeFile(file, animatedWebp(frames, width, height));
  progress(`${frames.length} pictures, ${Math.round((await stat(file)).size / 1024)} KB`);
} finally {
  await workbench.close();
  await server.stop();
}
