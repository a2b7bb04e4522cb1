import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, openContext } from '../../scripts/host/browser.ts';
import { startVsCodeServer, type RunningVsCodeServer, type Settings } from '../../scripts/host/server.ts';
import { isVsCodeVersion, newestVsCode, type VsCodeVersion } from '../../scripts/setup/vscodeServer.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '..', '..');
/** Playwright waits for each step; nothing in these tests waits by the clock. */
const STEP_LIMIT = 20_000;
/** What is not to be seen after so long, in milliseconds, is tried again. */
const NOTICE_LIMIT = 3000;

export interface WorkbenchOptions {
  /** Writes the workspace into this new, empty folder. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly settings?: Settings;
  readonly trustDisabled?: boolean;
  /** Variables of the extension host's environment, beside this process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A real VS Code with the packaged extension, and a person's hands and eyes in it. */
export class Workbench {
  readonly page: Page;
  readonly folder: string;
  readonly #browser: Browser;
  readonly #server: RunningVsCodeServer;
  #choices = 0;

  private constructor(page: Page, browser: Browser, server: RunningVsCodeServer, folder: string) {
    this.page = page;
    this.#browser = browser;
    this.#server = server;
    this.folder = folder;
  }

  /** Starts VS Code's server and a browser, and waits until the window is there. */
  static async open({
    prepare,
    settings = {},
    trustDisabled = true,
    env = {},
  }: WorkbenchOptions = {}): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-workspace-'));
    await prepare?.(folder);
    const server = await startVsCodeServer({
      version: vsCodeVersion(),
      workspaceFolder: folder,
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

  /** Loads the window again as a person does who has it close in order, so that all is kept which VS Code keeps. */
  async reloadInOrder(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.etcdTab.waitFor();
  }

  /** Replaces the user's settings and loads the window again, since its file watcher may miss the change. */
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

  /** What VS Code has written down of unsaved documents, to bring it back after a restart: a line about each, and its text. */
  async backups(): Promise<string[]> {
    const folder = join(this.#server.userDataDir, 'User', 'Backups');
    // It comes with the first of them.
    if (!existsSync(folder)) return [];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
  }

  get etcdTab(): Locator {
    return this.page.getByRole('tab', { name: 'etcd', exact: true });
  }

  get tree(): Locator {
    return this.page.getByRole('tree', { name: 'Keys' });
  }

  /** The modal question. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  get input(): Locator {
    return this.page.locator('.quick-input-widget input').first();
  }

  get toasts(): Locator {
    return this.page.locator('.notifications-toasts');
  }

  /** The tab of an unsaved document. */
  unsaved(name: string): Locator {
    return this.page.locator(`.tab.dirty[data-resource-name="${name}"]`).first();
  }

  /** The active editor's text, as far as it is in sight. */
  get editorText(): Locator {
    return this.page.locator('.editor-instance .view-lines').first();
  }

  item(name: string | RegExp): Locator {
    return this.tree.getByRole('treeitem', { name, exact: true });
  }

  /** Expands a folder, also where the tree is drawn anew in the moment of the click, which may lose it. */
  async expand(name: string | RegExp): Promise<void> {
    const item = this.item(name);
    const isExpanded = async () => (await item.getAttribute('aria-expanded')) === 'true';
    await item.click();
    await until(`${name} is expanded`, async () => {
      if (await isExpanded()) return true;
      // Unlike a click it never collapses.
      await this.page.keyboard.press('ArrowRight');
      return await isExpanded();
    });
  }

  async openView(): Promise<void> {
    await this.etcdTab.click();
    await this.page.getByRole('heading', { name: /^etcd/i }).first().waitFor();
  }

  /** Runs a command by its full title, such as `etcd: New Key`, in the palette. */
  async command(title: string): Promise<void> {
    const { keyboard } = this.page;
    const option = this.page.getByRole('option', { name: new RegExp(`^${title}`) }).first();
    // The palette of a window that was just loaded may not have all commands yet: it gets them when it opens anew.
    await until(`${title} is in the palette`, async () => {
      await keyboard.press('F1');
      const isOffered = (async () => {
        // The palette writes its own `>` when it is ready; what is typed before that is lost.
        const ready = `document.querySelector('.quick-input-widget input')?.value === '>'`;
        await this.page.waitForFunction(ready, undefined, { timeout: NOTICE_LIMIT });
        await this.input.fill(`>${title}`);
        return await comes(option);
      })();
      if (await isOffered.catch(() => false)) return true;
      await keyboard.press('Escape');
      return false;
    });
    await keyboard.press('Enter');
  }

  /** Chooses a command of a row's menu, by how its title begins or by a pattern. */
  async menu(item: Locator, title: string | RegExp): Promise<void> {
    const pattern = typeof title === 'string' ? new RegExp(`^${title}`) : title;
    await this.#choose(async () => {
      await item.click({ button: 'right' });
      await this.page.locator('.monaco-menu .action-label').getByText(pattern).hover();
      await this.page.keyboard.press('Enter');
    });
  }

  /**
   * Presses an icon of a row.
   * @param answer what comes then; where it does not, the icon was just drawn anew as it was pressed
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

  /** Presses an icon above a view, which is there while the pointer is in that. */
  async viewIcon(view: string, name: string): Promise<void> {
    await this.page.getByRole('tree', { name: view }).hover();
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /**
   * Once more, as soon as the extension asks for that, since VS Code was just drawing the tree anew. What the command does
   * is for the test to see, which waits for it meanwhile.
   */
  async #choose(command: () => Promise<void>): Promise<void> {
    const choice = ++this.#choices;
    await command();
    const again = async () => {
      await this.toasts.getByText('Choose the command once more').waitFor();
      if (choice !== this.#choices) return;
      await this.command('Notifications: Clear All Notifications');
      await this.#choose(command);
    };
    void again().catch(() => undefined);
  }

  async answer(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  /**
   * Goes through VS Code's own file dialog, which is a quick input here and begins in the workspace: chooses what is in its
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
    await page.locator('.quick-input-widget').getByRole('button', { name: button, exact: true }).click();
  }

  /** Replaces the active editor's text. */
  async type(name: string, text: string): Promise<void> {
    const editor = this.page.getByRole('textbox', { name: new RegExp(`^${name}`) });
    await editor.waitFor({ state: 'attached' });
    // VS Code may load a document anew in the moment in which it is typed into.
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

  /** Keeps a picture of what a person sees, for the one who reads the test's failure. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(root, 'test-results', `${name}.png`) });
  }
}

/** The newest VS Code, or the one that the test command asks for. */
function vsCodeVersion(): VsCodeVersion {
  const { VSCODE_TEST_VERSION: wanted = newestVsCode } = process.env;
  if (!isVsCodeVersion(wanted)) throw new Error(`VSCODE_TEST_VERSION is ${wanted}, for which there is no server`);
  return wanted;
}

/** Whether something is to be seen soon. */
async function comes(locator: Locator): Promise<boolean> {
  return await locator.waitFor({ timeout: NOTICE_LIMIT }).then(
    () => true,
    () => false,
  );
}
