import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Workbench } from '../test/ui/workbench.ts';
import { startDemoEtcd } from './demo/demoEtcd.ts';
import { writeDemoWorkspace } from './demo/workspace.ts';
import { takeClusterPictures } from './pictures/clusterPictures.ts';
import { run } from './setup/command.mjs';
import { progressToStderr as progress } from './setup/progress.ts';

/** Takes the pictures of the README from the demo, with the extension as it is packaged. */

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'media', 'screenshots');

/** A key of the demo that two users change at the same time. */
const MERGED = '/config/app/database.toml';
/** A key whose value is a token. */
const TOKEN = '/config/app/service-token';
/** A Kubernetes object of the demo. */
const OBJECT = '/registry/deployments/shop-prod/checkout';

await mkdir(pictures, { recursive: true });
await run(process.execPath, [join(root, 'scripts', 'package.ts')]);
const { server, certPem, userName, password } = await startDemoEtcd(progress);
const workbench = await Workbench.open({
  prepare: (folder) => writeDemoWorkspace(folder, { endpoint: server.endpoint, certPem, userName }),
  settings: {
    'workbench.colorTheme': 'Dark Modern',
    '[yaml]': { 'editor.autoIndent': 'none' },
    'window.title': 'etcd',
  },
});

async function picture(name: string, { page }: Workbench = workbench): Promise<void> {
  // The pointer would leave a hover or a highlight in the picture.
  await page.mouse.move(900, 500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Returns an export that someone has changed: two keys are new, one has other limits. */
async function releaseFile(): Promise<string> {
  const { stdout } = await server.etcdctl(['get', '/config/app/limits.json', '--print-value-only']);
  const { stdout: status } = await server.etcdctl(['get', '/config/app/', '--write-out=json']);
  const [, cluster = '', revision = ''] = /"cluster_id":(\d+).*"revision":(\d+)/.exec(status) ?? [];
  const prefix = '/config/app/';
  const values = {
    'features/checkout-v2': 'on',
    'features/dark-mode': 'on',
    'limits.json': stdout.replace(/\d+/, (digits) => String(Number(digits) * 2)).replace(/\n$/, ''),
    'log-level': 'info',
    'schema.sql': (await server.etcdctl(['get', `${prefix}schema.sql`, '--print-value-only'])).stdout.replace(
      /\n$/,
      '',
    ),
  };
  const keys = Object.entries(values).map(([name, value]) => ({ key: prefix + name, value }));
  return JSON.stringify({ format: 'etcd-keys', prefix, revision, cluster: BigInt(cluster).toString(16), keys });
}

async function newestRevision(): Promise<string> {
  const { stdout } = await server.etcdctl(['get', '/', '-w', 'json']);
  return String((JSON.parse(stdout) as { header: { revision: number } }).header.revision);
}

async function pickRevision(wanted: string): Promise<void> {
  await workbench.input.fill(wanted);
  await workbench.page.getByRole('option', { name: `Revision ${wanted}`, exact: true }).click();
}

try {
  const { page } = workbench;
  await workbench.openView();
  await workbench.item(/^hosted/).click();
  await workbench.answer('Connect');
  await page.locator('.quick-input-widget input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  for (const folder of ['config', 'app']) await workbench.expand(new RegExp(`^${folder} `));
  await workbench.item('application.yaml').dblclick();
  await workbench.editorText.getByText('server').first().waitFor();
  // The colors appear after the text.
  await page.locator('.view-line span[class*="mtk"]:not([class="mtk1"])').first().waitFor();
  await picture('tree');

  await workbench.menu(workbench.item(/^hosted/), 'Find Keys');
  await workbench.input.fill('**/*app*');
  await page.getByRole('option', { name: /^Keys that match this glob/ }).click();
  const results = page.getByRole('tree', { name: 'Search Results' });
  await results.getByRole('treeitem', { name: '/config/app/application.yaml' }).click();
  await workbench.editorText.getByText('server').first().waitFor();
  await picture('search');
  await workbench.command('etcd: Clear Search Results');
  // It would leave only half of the side bar to the tree.
  await page.getByRole('button', { name: /^Search Results Section/ }).click();

  await workbench.type('application.yaml', 'server:\n  port: 8443\n');
  await server.etcdctl(['put', '/config/app/application.yaml', 'server:\n  port: 9000\n']);
  await workbench.save();
  await workbench.toasts.getByRole('button', { name: 'Compare' }).click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await workbench.toasts
    .getByRole('button', { name: /Close|Clear/ })
    .first()
    .click();
  await workbench.toasts.getByText('editor tool bar').waitFor({ state: 'hidden' });
  await picture('conflict');

  await workbench.command('File: Revert File');
  await workbench.command('Notifications: Clear All Notifications');
  await workbench.command('View: Close All Editors');
  await server.etcdctl(['put', '/config/app/log-level', 'debug']);
  await server.etcdctl(['put', '/config/app/log-level', 'warn']);
  await workbench.menu(workbench.item(/^log-level/), 'Show History');
  await page.getByRole('option', { name: /The key did not exist before that/ }).waitFor();
  await picture('history');
  await page.keyboard.press('Escape');

  await workbench.command('Notifications: Clear All Notifications');
  await workbench.command('View: Close All Editors');
  await workbench.menu(workbench.item(/^app /), 'Watch Prefix');
  const watched = page.getByRole('tree', { name: 'Watch' });
  await watched.getByRole('treeitem', { name: /\/config\/app\/ .*0 events/ }).waitFor();
  const maintenance = (on: boolean) => `{\n  "maintenance": ${on},\n  "message": "back at noon"\n}\n`;
  for (const on of [false, true]) await server.etcdctl(['put', '/config/app/maintenance.json', maintenance(on)]);
  await server.etcdctl(['put', '/config/app/log-level', 'info']);
  await server.etcdctl(['del', '/config/app/maintenance.json']);
  await watched.getByRole('treeitem', { name: /^maintenance\.json deleted/ }).waitFor();
  await watched.getByRole('treeitem', { name: /^maintenance\.json changed/ }).click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await picture('watch');
  await workbench.command('etcd: Stop Watch');

  await workbench.command('Notifications: Clear All Notifications');
  await workbench.command('View: Close All Editors');
  await server.etcdctl(['put', '/config/staging/log-level', 'trace']);
  await server.etcdctl(['put', '/config/staging/notes.txt', 'ours']);
  await workbench.menu(workbench.item(/^app /), 'Duplicate');
  await workbench.input.fill('/config/staging/');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /overwrite existing keys/ }).waitFor();
  // It fades in.
  await page.waitForFunction(
    `document.querySelector('.quick-input-widget').getAnimations().every(({ playState }) => playState !== 'running')`,
  );
  await picture('copy');

  await page.keyboard.press('Escape');
  await writeFile(join(workbench.folder, 'release.json'), await releaseFile());
  await server.etcdctl(['put', '/config/app/log-level', 'trace']);
  await workbench.command('View: Close All Editors');
  await workbench.command('etcd: Import');
  await page.getByRole('option', { name: /^File/ }).click();
  await workbench.fileDialog(['release.json']);
  await page.getByText('Enter the new prefix').waitFor();
  await page.keyboard.press('Enter');
  const preview = page.getByRole('tree', { name: 'Import Preview' });
  await preview.getByText('/config/app/limits.json').click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await workbench.toasts.getByText(/^Comparing/).waitFor({ state: 'hidden' });
  await picture('import');

  await workbench.command('etcd: Discard Import');
  await preview.waitFor({ state: 'detached' });
  await workbench.command('View: Close All Editors');
  const then = await newestRevision();
  await server.etcdctl(['put', '/config/app/log-level', 'info']);
  await server.etcdctl(['put', '/config/app/new-flag', 'on']);
  await server.etcdctl(['del', '/config/app/schema.sql']);
  await workbench.menu(workbench.item(/^hosted/), 'Browse as of Revision');
  await pickRevision(then);
  const past = workbench.item(/^hosted @/);
  await past.waitFor();
  await workbench
    .item(/^hosted/)
    .first()
    .click();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await workbench.menu(past, 'Go to Key');
  await workbench.input.fill('/config/app/log-level');
  await page.getByRole('option', { name: '/config/app/log-level', exact: true }).click();
  await workbench.editorText.getByText('trace').waitFor();
  await workbench
    .item(/^log-level/)
    .first()
    .waitFor();
  await picture('time-travel');

  await workbench.menu(past, 'Compare with Revision');
  await page.getByRole('option', { name: /^Now/ }).click();
  const compared = page.getByRole('tree', { name: 'Comparison' });
  await compared.getByRole('treeitem', { name: /log-level/ }).click();
  await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
  await compared.getByRole('treeitem', { name: /^Comparing/ }).waitFor({ state: 'detached' });
  await picture('comparison');

  await workbench.command('etcd: Close Comparison');
  await workbench.command('etcd: Return to Now');
  await workbench.command('View: Close All Editors');
  await workbench.command('etcd: Go to Key');
  await workbench.input.fill(OBJECT);
  await page.getByRole('option', { name: OBJECT, exact: true }).click();
  await workbench.editorText.getByText('Deployment').first().waitFor();
  await page.locator('.view-line span[class*="mtk"]:not([class="mtk1"])').first().waitFor();
  await picture('kubernetes');

  await workbench.command('View: Close All Editors');
  const claims = { sub: 'checkout', roles: ['orders:read'], iat: 1_795_000_000, exp: 1_795_003_600 };
  const token = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  await server.etcdctl(['put', TOKEN, `${token.join('.')}.c2lnbmF0dXJl`]);
  await workbench.command('etcd: Go to Key');
  await workbench.input.fill(TOKEN);
  await page.getByRole('option', { name: TOKEN, exact: true }).click();
  await workbench.editorText.getByText('eyJ').waitFor();
  await workbench.command('etcd: View Value As');
  await page.getByRole('option', { name: /^JSON Web Token/ }).click();
  await workbench.editorText.getByText('"sub": "checkout"').waitFor();
  await picture('value-view');
  await server.etcdctl(['del', TOKEN]);

  await workbench.command('View: Close All Editors');
  await server.etcdctl(['snapshot', 'save', join(workbench.folder, 'backup.db')]);
  await workbench.command('etcd: Open Snapshot');
  await workbench.fileDialog(['backup.db']);
  const file = workbench.item(/^backup\.db file/);
  await file.waitFor();
  await workbench.menu(file, 'Show Space');
  await workbench.report.getByRole('button', { name: 'Look inside /', exact: true }).click();
  await workbench.report.getByRole('row', { name: /^\/registry\// }).waitFor();
  await workbench.command('Notifications: Clear All Notifications');
  await picture('snapshot');

  await workbench.menu(file, 'Close Snapshot');
  await workbench.command('View: Close All Editors');
  await workbench.command('etcd: Go to Key');
  await workbench.input.fill(MERGED);
  await page.getByRole('option', { name: MERGED, exact: true }).click();
  await workbench.editorText.getByText('default').waitFor();
  const { stdout } = await server.etcdctl(['get', MERGED, '--print-value-only']);
  const before = stdout.replace(/\n$/, '');
  const ours = before.replace('max_connections = 40', 'max_connections = 60');
  const theirs = before
    .replace('max_connections = 40', 'max_connections = 50')
    .replace('analytics-db', 'analytics-replica');
  await workbench.type('database.toml', ours);
  await server.etcdctl(['put', MERGED, theirs]);
  await workbench.save();
  await page.locator('.codelens-decoration').getByText('Merge', { exact: true }).first().click();
  await page.getByText('1 Conflict Remaining').waitFor();
  await picture('merge');
} finally {
  await workbench.close();
  await server.stop();
}
await takeClusterPictures((shown, name) => picture(name, shown), progress);
