import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import { Workbench } from './workbench.ts';

/** Script in a page that counts its pictures, and those without any pixels. */
const PICTURES = `({
  all: document.images.length,
  broken: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map(({ src }) => src),
})`;

const ICON_IS_THERE = `[...document.querySelectorAll('.extension-editor img')].some(({ naturalWidth }) => naturalWidth > 0)`;

interface Pictures {
  readonly all: number;
  readonly broken: readonly string[];
}

describe("the packed extension's page of details", () => {
  let workbench: Workbench;
  let page: FrameLocator;

  before(async () => {
    workbench = await Workbench.open();
    await workbench.command('Extensions: Show Installed Extensions');
    await workbench.page.locator('.extension-list-item', { hasText: manifest.displayName }).first().click();
    page = workbench.report;
    await page.getByRole('heading', { name: manifest.displayName }).first().waitFor();
  });
  after(async () => {
    await workbench?.close();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('shows no picture that is not there, and the icon', async () => {
    const { broken } = (await page.locator('body').evaluate(PICTURES)) as Pictures;
    assert.deepEqual(broken, []);
    // The icon is on VS Code's own page, around the README.
    await workbench.page.waitForFunction(ICON_IS_THERE);
    await workbench.picture('details-page');
  });

  it('says what the extension does and how to begin, and nothing for contributors', async () => {
    await page.getByRole('heading', { name: 'Quick start' }).waitFor();
    const text = await page.locator('body').innerText();
    assert.match(text, /Any level of a million keys at once/);
    assert.doesNotMatch(text, /\bnpm\b/);
  });
});
