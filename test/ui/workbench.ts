import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { openBrowser, openContext } from '../../scripts/host/browser.ts';
import { startVsCodeServer, type RunningVsCodeServer, type Settings } from '../../scripts/host/server.ts';
import { EXTENSION_ID } from '../../scripts/package/extensionId.ts';
import { contentsBelow } from './files.ts';
import { Messages } from './messages.ts';
import { paletteCloses, untilInPalette } from './palette.ts';
import { canBeChosen } from './picks.ts';
import { fillQuestion, focusQuestion } from './question.ts';
import { chooseInMenu } from './rowMenu.ts';
import { collapseRow, expandRow } from './treeRows.ts';
import { until } from './until.ts';
import { NOTICE_LIMIT, comes, goes } from './visible.ts';
import { vsCodeVersion } from './vscodeVersion.ts';

const root = join(import.meta.dirname, '..', '..');
const results = join(root, 'test-results');
/** Time limit of each step. What takes longer hangs, however busy the machine is. */
const STEP_LIMIT = 60_000;

export interface WorkbenchOptions {
  /** Writes the workspace into this new, empty folder. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Name of a `.code-workspace` file that `prepare` writes, to open in place of the folder. */
  readonly workspaceFile?: string;
  readonly settings?: Settings;
  readonly trustDisabled?: boolean;
  /** Variables of the extension host's environment, in addition to this process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A real VS Code with the packaged extension, and the actions of a person in it. */
export class Workbench {
  readonly page: Page;
  readonly messages: Messages;
  readonly folder: string;
  readonly #browser: Browser;
  readonly #server: RunningVsCodeServer;
  #choices = 0;

  private constructor(page: Page, browser: Browser, server: RunningVsCodeServer, folder: string) {
    this.page = page;
    this.messages = new Messages(page);
    this.#browser = browser;
    this.#server = server;
    this.folder = folder;
  }

  /** Starts VS Code's server and a browser, and waits until the window is there. */
  static async open({
    prepare,
    workspaceFile = '',
    settings = {},
    trustDisabled = true,
    env = {},
  }: WorkbenchOptions = {}): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-workspace-'));
    await prepare?.(folder);
    const server = await startVsCodeServer({
      version: vsCodeVersion(),
      workspaceFolder: join(folder, workspaceFile),
      settings,
      extensionVsix: join(root, 'dist', 'etcd.vsix'),
      trustDisabled,
      env,
    });
    const browser = await openBrowser();
    const page = await (await openContext(browser)).newPage();
    page.setDefaultTimeout(STEP_LIMIT);
    await page.goto(server.url);
    const workbench = new Workbench(page, browser, server, folder);
    await workbench.etcdTab.waitFor();
    return workbench;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.etcdTab.waitFor();
  }

  /** Loads the window again after closing it properly, so that VS Code stores everything that it keeps. */
  async reloadInOrder(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.etcdTab.waitFor();
  }

  /** Replaces the user's settings and loads the window again, because its file watcher may miss the change. */
  async setUserSettings(settings: Settings): Promise<void> {
    await this.#server.writeSettings(settings);
    await this.reload();
  }

  async userSetting(key: string): Promise<unknown> {
    return (await this.userSettings())[key];
  }

  async userSettings(): Promise<Record<string, unknown>> {
    const file = join(this.#server.userDataDir, 'User', 'settings.json');
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  }

  /** Returns VS Code's own backups of unsaved documents: a line about each, and its text. */
  async backups(): Promise<string[]> {
    return await contentsBelow(join(this.#server.userDataDir, 'User', 'Backups'));
  }

  /** Returns the extension's log. */
  async log(): Promise<string> {
    return (await contentsBelow(join(this.#server.userDataDir, 'logs'), EXTENSION_ID)).join('\n');
  }

  /** The folder in which the extension keeps files. */
  get storage(): string {
    return join(this.#server.userDataDir, 'User', 'globalStorage', EXTENSION_ID);
  }

  get etcdTab(): Locator {
    return this.page.getByRole('tab', { name: 'etcd', exact: true });
  }

  get tree(): Locator {
    return this.page.getByRole('tree', { name: 'Keys' });
  }

  /** The modal dialog. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  get input(): Locator {
    return this.page.locator('.quick-input-widget input').first();
  }

  /** A report, which VS Code shows rendered. */
  get report(): FrameLocator {
    return this.page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
  }

  get toasts(): Locator {
    return this.page.locator('.notifications-toasts');
  }

  /** Dismisses all messages, so that none is mistaken for a later one. */
  async dismissMessages(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notification-list-item:visible').first().waitFor({ state: 'detached' });
  }

  /** The tab of an unsaved document. */
  unsaved(name: string): Locator {
    return this.page.locator(`.tab.dirty[data-resource-name="${name}"]`).first();
  }

  /** The visible text of the active editor. */
  get editorText(): Locator {
    return this.page.locator('.editor-instance .view-lines').first();
  }

  item(name: string | RegExp): Locator {
    return this.tree.getByRole('treeitem', { name, exact: true });
  }

  async expand(name: string | RegExp): Promise<void> {
    try {
      await expandRow(this.item(name));
    } catch (error) {
      // A hook that fails leads to no `keepFailure`.
      await this.#keepState(`not expanded ${String(name)}`);
      throw error;
    }
  }

  async collapse(name: string | RegExp): Promise<void> {
    await collapseRow(this.item(name));
  }

  async openView(): Promise<void> {
    await this.etcdTab.click();
    await this.page.getByRole('heading', { name: /^etcd/i }).first().waitFor();
  }

  /** Runs a command by its full title, such as `etcd: New Key`, in the palette. */
  async command(title: string): Promise<void> {
    const { page } = this;
    // Not one with a longer title, which the list may show first.
    const pattern = title.replaceAll(/[()]/g, String.raw`\$&`);
    const option = page.getByRole('option', { name: new RegExp(`^${pattern}(?:…|[.]{3})?(?:,|$)`) }).first();
    await untilInPalette(page, title, async () => {
      // A palette that closes again would not be filled before the next try.
      await this.input.fill(`>${title}`, { timeout: NOTICE_LIMIT });
      // An editor that takes the focus while it opens closes the palette, and a key press would go to it.
      await option.click({ timeout: NOTICE_LIMIT });
      return true;
    });
    // What is typed before it closes would be lost.
    await until(`the palette is closed after ${title}`, () => paletteCloses(page));
  }

  /** Chooses an item of a pick. */
  async choose(name: string | RegExp): Promise<void> {
    await until(`${String(name)} is chosen`, () => canBeChosen(this.page, name));
  }

  /** Runs a command that shows a pick, and chooses an item; runs it again if the pick is closed first. */
  async commandChoice(title: string, name: string | RegExp): Promise<void> {
    await until(`${String(name)} is chosen after ${title}`, async () => {
      await this.command(title);
      return await canBeChosen(this.page, name);
    });
  }

  /** Waits until the open question takes what is typed. */
  async focusQuestion(): Promise<void> {
    await focusQuestion(this.page, this.input);
  }

  /** Sets the text of the open question, as pasting does; type key by key if the caret matters. */
  async fill(text: string): Promise<void> {
    await fillQuestion(this.page, this.input, text);
  }

  /** Answers the open question with a text, or confirms what it has. */
  async enter(text?: string): Promise<void> {
    if (text === undefined) await this.focusQuestion();
    else await this.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The open question's field, if what is typed there is hidden. */
  get passwordInput(): Locator {
    return this.page.locator('.quick-input-widget input[type=password]');
  }

  /** Answers a question whose text is hidden, such as a password. */
  async enterPassword(password: string): Promise<void> {
    await this.passwordInput.waitFor();
    await this.enter(password);
  }

  /** Answers a question that is answered by typing a text. */
  async confirmByTyping(text: string): Promise<void> {
    await this.page.getByPlaceholder(`Type ${text} to go on`).waitFor();
    await this.enter(text);
  }

  /** Chooses a command of a row's menu or of a submenu, by the beginning of its title or by a pattern. */
  async menu(item: Locator, title: string | RegExp): Promise<void> {
    const pattern = typeof title === 'string' ? new RegExp(`^${title}`) : title;
    await this.#choose(() => chooseInMenu(this.page, item, pattern));
  }

  /**
   * Presses an icon of a row.
   * @param answer appears then; if it does not, the icon was drawn again while it was pressed
   */
  async icon(item: Locator, name: string | RegExp, answer: Locator): Promise<void> {
    const press = async () => {
      await item.hover();
      await item.getByRole('button', { name }).click();
    };
    await until(`${String(name)} is answered`, async () => {
      // A row that is gone has been answered.
      await press().catch(() => undefined);
      return await comes(answer);
    });
  }

  /**
   * Sets a row's check box, even if the row is drawn again at the moment of the click, which may lose the click.
   * @param answer appears then
   */
  async tick(item: Locator, isTicked: boolean, answer: Locator): Promise<void> {
    const box = (checked: boolean) => item.getByRole('checkbox', { checked });
    await until(`the checkbox is ${isTicked ? '' : 'not '}ticked`, async () => {
      // VS Code shows a lost click as well, which the next one takes back.
      if (await box(isTicked).isVisible())
        await box(isTicked)
          .click({ timeout: NOTICE_LIMIT })
          .catch(() => undefined);
      await box(!isTicked)
        .click({ timeout: NOTICE_LIMIT })
        .catch(() => undefined);
      return await comes(answer);
    });
  }

  /**
   * Drags a row to another one, after which a question appears; a row that is drawn again meanwhile may lose the drag.
   */
  async drag(item: Locator, target: Locator): Promise<void> {
    await until('the question after a drag', async () => {
      await item.dragTo(target);
      return await comes(this.dialog);
    });
  }

  /** Presses an icon above a view, which is visible while the pointer is in the view. */
  async viewIcon(view: string, name: string): Promise<void> {
    await this.page.getByRole('tree', { name: view }).hover();
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /**
   * Runs the command again if the extension asks for that because VS Code was drawing the tree. The test itself waits
   * for the command's effect.
   */
  async #choose(command: () => Promise<void>): Promise<void> {
    const choice = ++this.#choices;
    await command();
    const again = async () => {
      await this.toasts.getByText('The tree was refreshing').waitFor();
      if (choice !== this.#choices) return;
      await this.dismissMessages();
      await this.#choose(command);
    };
    void again().catch(() => undefined);
  }

  async answer(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).waitFor();
    // The next question may take its place at once.
    const asked = await this.dialog.elementHandle();
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await asked?.waitForElementState('hidden');
  }

  /**
   * Goes through VS Code's file dialog, which is a quick input here and begins in the workspace: chooses items of its
   * list, and presses its button.
   */
  async fileDialog(names: readonly string[], button?: string): Promise<void> {
    const { page } = this;
    await page.waitForFunction(`document.querySelector('.quick-input-widget input')?.value.startsWith('/')`);
    await page.getByRole('option', { name: '..', exact: true }).waitFor();
    for (const name of names) await page.getByRole('option', { name, exact: true }).click();
    if (button === undefined) return;
    if (names.length > 0)
      await page.waitForFunction(
        `document.querySelector('.quick-input-widget input')?.value.endsWith('/${names.at(-1)}/')`,
      );
    const pressed = page.locator('.quick-input-widget').getByRole('button', { name: button, exact: true });
    await until(`${button} closes the file dialog`, async () => {
      // A dialog that still lists a folder ignores its button.
      await pressed.click({ timeout: NOTICE_LIMIT }).catch(() => undefined);
      return await goes(pressed);
    });
  }

  /** Replaces the active editor's text. */
  async type(name: string, text: string): Promise<void> {
    const editor = this.page.getByRole('textbox', { name: new RegExp(`^${name}`) });
    await editor.waitFor({ state: 'attached' });
    // VS Code may load a document again while it is being typed into.
    await until(`${name} has the typed text`, async () => {
      await editor.focus();
      await this.page.keyboard.press('Control+A');
      await this.page.keyboard.insertText(text);
      return await comes(this.unsaved(name));
    });
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
  }

  /** Saves a picture of the window. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(results, `${name}.png`) });
  }

  /** Saves what helps to understand a failed test: a picture, VS Code's messages, and the extension's log. */
  async keepFailure(test: Mocha.Test | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    await this.#keepState(test.title);
  }

  async #keepState(title: string): Promise<void> {
    const name = title.replaceAll(/\W+/g, '-');
    await this.picture(name);
    await this.messages.show();
    await this.picture(`${name}-messages`);
    await this.messages.hide();
    await writeFile(join(results, `${name}.log`), await this.log());
  }
}
