import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { Workbench } from './workbench.ts';

describe('a save that meets what somebody else has saved', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await put('/odd %2F~.ini', 'one\ntwo\nthree\nfour\nfive\n');
    await put('/again', 'one\ntwo\nthree\nfour\nfive\n');
    for (const key of ['/apart', '/reverted', '/compared', '/overwritten']) await put(key, 'one\ntwo\nthree\n');
    await put('/windows.ini', 'one\r\ntwo\r\nthree\r\n');
    workbench = await Workbench.open({
      settings: { 'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }] },
    });
    await showKeys();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
    await workbench.dismissMessages();
  });

  async function put(key: string, value: string): Promise<void> {
    const { code, stderr } = await server.etcdctl(['put', key], { input: value });
    assert.equal(code, 0, stderr);
  }

  async function valueInEtcd(key: string): Promise<string> {
    const { stdout } = await server.etcdctl(['get', key, '--write-out=json']);
    const { kvs = [] } = JSON.parse(stdout) as { kvs?: { value: string }[] };
    return Buffer.from(kvs[0]?.value ?? '', 'base64').toString();
  }

  async function showKeys(): Promise<void> {
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.item('apart').waitFor();
  }

  /** Opens a key, types, lets someone else save, and saves too. */
  async function meet(key: string, mine: string, theirs: string, name = key.slice(1)): Promise<void> {
    await openKey(workbench, name, workbench.item(key.slice(1)));
    await workbench.type(name, mine);
    await put(key, theirs);
    await workbench.save();
    // VS Code's own message, which has no button for a merge.
    await workbench.messages.told(/content of the file is newer/);
    await lens(/Changed in etcd since you opened it/).waitFor();
    assert.equal(await workbench.messages.count(), 1);
  }

  /** A choice in the line above the text. */
  const lens = (text: string | RegExp) =>
    workbench.page.locator('.codelens-decoration').getByText(text, { exact: true }).first();
  const mergeEditor = () => workbench.page.locator('.merge-editor');

  async function startMerge(): Promise<void> {
    await lens('Merge').click();
    await mergeStarts();
  }

  async function mergeStarts(): Promise<void> {
    await mergeEditor().getByText('Conflicts Remaining').or(mergeEditor().getByText('Conflict Remaining')).waitFor();
  }

  async function completeMerge(): Promise<void> {
    await workbench.page.getByRole('button', { name: /^Complete Merge/ }).click();
    await mergeEditor().waitFor({ state: 'detached' });
  }

  it('merges: other lines by themselves, the same lines by the user’s choice', async () => {
    const odd = 'odd %2F~7e.ini';
    await meet(
      '/odd %2F~.ini',
      'one mine\ntwo\nthree mine\nfour\nfive\n',
      'one\ntwo\nthree theirs\nfour\nfive theirs\n',
      odd,
    );
    await startMerge();
    await mergeEditor().getByText('1 Conflict Remaining').waitFor();
    await workbench.picture('merge');
    await mergeEditor().getByText('Accept Yours', { exact: true }).first().click();
    await mergeEditor().getByText('0 Conflicts Remaining').waitFor();
    await completeMerge();
    await workbench.unsaved(odd).waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/odd %2F~.ini'), 'one mine\ntwo\nthree mine\nfour\nfive theirs\n');
    await workbench.editorText.getByText('five theirs').waitFor();
    assert.equal(await workbench.messages.has('has changed'), false);
  });

  it('has nothing to be chosen where both changed other lines; line ends stay', async () => {
    await meet('/windows.ini', 'one mine\r\ntwo\r\nthree\r\n', 'one\r\ntwo\r\nthree theirs\r\n');
    await startMerge();
    await mergeEditor().getByText('0 Conflicts Remaining').waitFor();
    await completeMerge();
    await workbench.unsaved('windows.ini').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/windows.ini'), 'one mine\r\ntwo\r\nthree theirs\r\n');
  });

  it('asks before a merge is saved that keeps neither side of a conflict', async () => {
    await meet('/apart', 'one\ntwo mine\nthree\n', 'one\ntwo theirs\nthree\n');
    await startMerge();
    await workbench.dismissMessages();
    await mergeEditor().locator('.view-lines').last().click();
    await workbench.save();
    await workbench.dialog.getByText('Save /apart with unresolved conflicts (1)?').waitFor();
    await workbench.picture('merge-open-conflict');
    await workbench.answer('Cancel');
    await workbench.page.locator('.statusbar').getByText('There are unresolved conflicts').waitFor();
    await workbench.messages.cameWithoutToast();
    assert.equal(await valueInEtcd('/apart'), 'one\ntwo theirs\nthree\n');
    await mergeEditor().getByText('Accept Combination (Yours First)').click();
    await mergeEditor().getByText('0 Conflicts Remaining').waitFor();
    await completeMerge();
    await workbench.unsaved('apart').waitFor({ state: 'detached' });
    assert.match(await valueInEtcd('/apart'), /mine.*theirs/s);
  });

  it('keeps the merged text where the key changes again meanwhile, and merges that', async () => {
    await meet('/again', 'one mine\ntwo\nthree\nfour\nfive\n', 'one\ntwo\nthree\nfour\nfive theirs\n');
    await startMerge();
    await put('/again', 'one\ntwo\nthree theirs\nfour\nfive theirs\n');
    await completeMerge();
    await workbench.messages.told('The key changed again while you merged.');
    await workbench.picture('merge-again');
    assert.equal(await valueInEtcd('/again'), 'one\ntwo\nthree theirs\nfour\nfive theirs\n');
    await workbench.messages.press('Merge');
    await mergeStarts();
    await mergeEditor().getByText('0 Conflicts Remaining').waitFor();
    await completeMerge();
    await workbench.unsaved('again').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/again'), 'one mine\ntwo\nthree theirs\nfour\nfive theirs\n');
  });

  it('reverts to what etcd has, which Undo takes back', async () => {
    await meet('/reverted', 'mine\n', 'theirs\n');
    await lens('Revert').click();
    await workbench.editorText.getByText('theirs').waitFor();
    await workbench.unsaved('reverted').waitFor({ state: 'detached' });
    await workbench.editorText.click();
    await workbench.page.keyboard.press('Control+Z');
    await workbench.editorText.getByText('mine').waitFor();
    await workbench.command('File: Revert File');
  });

  it('says nothing of a newer version any more once a comparison was reverted', async () => {
    const { page } = workbench;
    await meet('/compared', 'mine\n', 'theirs\n');
    const notice = lens(/Changed in etcd since you opened it/);
    await notice.waitFor();
    await workbench.messages.press('Compare');
    const diff = page.locator('.monaco-diff-editor');
    await diff.locator('.original').getByText('theirs').waitFor();
    await diff.locator('.modified').getByText('mine').waitFor();
    await workbench.command('File: Revert File');
    await workbench.unsaved('compared').waitFor({ state: 'detached' });
    await openKey(workbench, 'compared');
    await workbench.editorText.getByText('theirs').waitFor();
    // VS Code draws what it remembers of the tab until it has asked again.
    await notice.waitFor({ state: 'detached' });
    await workbench.type('compared', 'mine, begun at theirs\n');
    await put('/compared', 'later\n');
    await notice.waitFor();
    await workbench.command('File: Revert File');
    await workbench.editorText.getByText('later').waitFor();
    await notice.waitFor({ state: 'detached' });
  });

  it('overwrites only the version that was shown', async () => {
    const { page } = workbench;
    await meet('/overwritten', 'mine\n', 'theirs\n');
    await put('/overwritten', 'later\n');
    await workbench.messages.press('Overwrite');
    // A toast that follows a button of another one may stay hidden, but is read out.
    await page
      .getByText(/The key changed in etcd again while it was saved/)
      .first()
      .waitFor({ state: 'attached' });
    assert.equal(await valueInEtcd('/overwritten'), 'later\n');
    await workbench.dismissMessages();
    await workbench.save();
    // VS Code hides toasts if there are more than three in a second, but its list has them.
    await workbench.command('Notifications: Show Notifications');
    await page.locator('.notifications-center').getByRole('button', { name: 'Overwrite' }).click();
    await workbench.unsaved('overwritten').waitFor({ state: 'detached' });
    assert.equal(await valueInEtcd('/overwritten'), 'mine\n');
  });
});
