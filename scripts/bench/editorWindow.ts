import type { Locator, Page } from 'playwright-core';

/** The user's actions in the measured window. */
export class EditorWindow {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async showKeys(): Promise<void> {
    await this.#page.getByRole('tab', { name: 'etcd', exact: true }).click();
    await this.#row('bench').waitFor();
  }

  async hideKeys(): Promise<void> {
    await this.#page.getByRole('tab', { name: /^Explorer/ }).click();
    await this.#row('bench').waitFor({ state: 'hidden' });
  }

  /** @param child a row that appears by expanding */
  async expand(name: string, child: string): Promise<void> {
    await this.#row(name).click();
    await this.#row(child).waitFor();
  }

  async isFollowing(): Promise<void> {
    await this.#page.locator('.statusbar-item').filter({ hasText: 'etcd live' }).waitFor();
  }

  /** Resolves to the time at which the row was drawn, in milliseconds since 1970 with fractions. */
  async drawn(name: string): Promise<number> {
    return await this.#page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        const rows = [...document.querySelectorAll('[role=treeitem]')];
        if (!rows.some((row) => row.getAttribute('aria-label')?.startsWith(${JSON.stringify(name)}))) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      look();
    })`);
  }

  /** Resolves once everything asked of the page has begun. */
  async settled(): Promise<void> {
    await this.#page.evaluate('0');
  }

  async gone(name: string): Promise<void> {
    await this.#row(name).waitFor({ state: 'detached' });
  }

  #row(name: string): Locator {
    return this.#page
      .getByRole('tree', { name: 'Keys' })
      .getByRole('treeitem', { name: new RegExp(`^${name}`) })
      .first();
  }
}
