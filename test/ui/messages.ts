import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';
import { DRAWN } from './visible.ts';

/**
 * Milliseconds in which a message should appear as a toast; after that, the notification center is opened to look for
 * it.
 */
const TOAST_LIMIT = 3000;

/**
 * VS Code's messages. A toast can be missed: VS Code shows at most three at a time, at most three within 0.8 s, and
 * most of them for 10 s. Its notification center keeps each message until it is answered or dismissed.
 */
export class Messages {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Waits for a message with this text. */
  async told(text: string | RegExp): Promise<void> {
    await this.#find(text, async () => true);
  }

  /** Presses a button of the message with this text, or of the only message with such a button. */
  async press(button: string, text: string | RegExp = ''): Promise<void> {
    const press = async (message: Locator) => {
      try {
        await message.getByRole('button', { name: button, exact: true }).first().click({ timeout: TOAST_LIMIT });
      } catch {
        // On a busy machine, the button may have been pressed anyway; the message is then gone.
        await this.show();
        return await message.waitFor({ state: 'hidden', timeout: TOAST_LIMIT }).then(
          () => true,
          () => false,
        );
      }
      return true;
    };
    await this.#find(text, press, button);
  }

  async #find(text: string | RegExp, use: (message: Locator) => Promise<boolean>, button?: string): Promise<void> {
    const page = this.#page;
    const named = page.locator('.notification-list-item-message').filter({ hasText: text });
    const all = page.locator('.notification-list-item:visible').filter({ has: named });
    const withButton = () => all.filter({ has: page.getByRole('button', { name: button ?? '', exact: true }) });
    const message = (button === undefined ? all : withButton()).first();
    const wanted = [String(text), ...(button === undefined ? [] : [`with the button ${button}`])].join(' ');
    await until(`the message ${wanted}`, async () => {
      const isThere = await message.waitFor({ timeout: TOAST_LIMIT }).then(
        () => true,
        () => false,
      );
      if (isThere && (await use(message))) return true;
      await this.show();
      return false;
    });
    await this.hide();
  }

  /** Whether a message with this text exists that was neither answered nor dismissed. */
  async has(text: string | RegExp): Promise<boolean> {
    await this.show();
    const count = await this.#page.locator('.notifications-center').getByText(text).count();
    await this.hide();
    return count > 0;
  }

  /**
   * Waits until VS Code has a message, and shows none as a toast. Only the bell says that a message came whose toast was
   * put away.
   */
  async cameWithoutToast(): Promise<void> {
    const bell = this.#page.locator('[id="status.notifications"] [role=button]');
    await until('a message', async () => (await bell.getAttribute('aria-label')) !== 'No Notifications');
    // The toast would be drawn in the next frame.
    await this.#page.evaluate(DRAWN);
    await this.#page
      .locator('.notifications-toasts .notification-list-item:visible')
      .first()
      .waitFor({ state: 'detached' });
  }

  /** Returns how many messages were neither answered nor dismissed. */
  async count(): Promise<number> {
    await this.show();
    const count = await this.#center.locator('.notification-list-item').count();
    await this.hide();
    return count;
  }

  /** Opens the notification center. */
  async show(): Promise<void> {
    // A dialog in front of it may come first.
    if (!(await this.#center.isVisible())) await this.#bell.click({ timeout: TOAST_LIMIT }).catch(() => undefined);
  }

  /** Closes the notification center, if it is open. */
  async hide(): Promise<void> {
    if (await this.#center.isVisible()) await this.#bell.click();
  }

  get #center(): Locator {
    return this.#page.locator('.notifications-center');
  }

  /** Opens and closes the notification center. */
  get #bell(): Locator {
    return this.#page.locator('[id="status.notifications"]');
  }
}
