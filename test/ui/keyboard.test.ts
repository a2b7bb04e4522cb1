import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { paletteCloses, untilInPalette } from './palette.ts';
import { keepsFocus } from './question.ts';
import { until, untilEtcdHas, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const FIRST = 'one\ntwo\nthree';

describe('the keyboard alone', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await server.etcdctl(['put', '/config/app'], { input: FIRST });
    await server.etcdctl(['put', '/config/other', 'x']);
    workbench = await Workbench.open();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const press = (key: string) => workbench.page.keyboard.press(key);

  /** Runs a command of the palette by typing its title. */
  async function run(title: string): Promise<void> {
    const { page } = workbench;
    await untilInPalette(page, title, async () => {
      await page.keyboard.type(title);
      const first = page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: title });
      await first.waitFor({ timeout: 5000 });
      return true;
    });
    await until(`the palette is closed after ${title}`, async () => {
      // While the palette sorts its commands, it may ignore keys.
      await press('Enter');
      return await paletteCloses(page);
    });
  }

  /** Answers the question that has this text, or confirms what it proposes. */
  async function answer(question: string | RegExp, text?: string): Promise<void> {
    await workbench.page.locator('.quick-input-widget').getByText(question).first().waitFor();
    // Nothing but VS Code itself may give it the focus here.
    await until(`${String(question)} has the focus`, () => keepsFocus(workbench.page));
    if (text !== undefined) {
      await press('Control+A');
      await workbench.page.keyboard.type(text);
    }
    await press('Enter');
  }

  /** Moves down in the tree until a row with this name has the focus. */
  async function moveTo(name: RegExp): Promise<void> {
    const focused = workbench.tree.locator('.monaco-list-row.focused');
    await until(`the focus is on ${String(name)}`, async () => {
      if (name.test((await focused.getAttribute('aria-label')) ?? '')) return true;
      await press('ArrowDown');
      return false;
    });
  }

  it('connects', async () => {
    await run('etcd: Add Connection…');
    await answer(/^Endpoint of etcd/, server.endpoint);
    await answer(/^User name in etcd/);
    await answer('Name of the connection', 'keys');
    for (const first of [/^User settings/, /^Save and connect/]) {
      await workbench.page.getByRole('option', { name: first }).waitFor();
      await press('Enter');
    }
    await workbench.item(/^keys connected/).waitFor();
  });

  it('expands a folder and opens a key', async () => {
    await run('etcd: Focus on Keys View');
    await moveTo(/^config 2 keys/);
    await press('ArrowRight');
    await moveTo(/^app$/);
    await press('Enter');
    await workbench.editorText.getByText('two').waitFor();
  });

  it('edits and saves', async () => {
    await run('View: Focus Active Editor Group');
    await press('Control+Home');
    await workbench.page.keyboard.type('my ');
    await workbench.unsaved('app').waitFor();
    await press('Control+S');
    await untilEtcdHas(server, '/config/app', `my ${FIRST}`);
    await workbench.unsaved('app').waitFor({ state: 'detached' });
  });

  it('meets a conflict, and merges', async () => {
    await workbench.page.keyboard.type('very ');
    await workbench.unsaved('app').waitFor();
    await server.etcdctl(['put', '/config/app'], { input: `my ${FIRST} of theirs` });
    await press('Control+S');
    await workbench.messages.told(/The content of the file is newer/);
    assert.equal(await valueInEtcd(server, '/config/app'), `my ${FIRST} of theirs`);
    await run('View: Focus Active Editor Group');
    const merged = workbench.page.locator('.merge-editor').getByText('0 Conflicts Remaining');
    await until('the merge editor', async () => {
      // A busy palette sorts its commands anew, and Enter may choose another one then.
      await run('etcd: Merge…');
      return await merged.waitFor({ timeout: 20_000 }).then(
        () => true,
        () => false,
      );
    });
    await workbench.picture('keyboard-merge');
    await run('etcd: Complete Merge');
    await untilEtcdHas(server, '/config/app', `my very ${FIRST} of theirs`);
  });
});
