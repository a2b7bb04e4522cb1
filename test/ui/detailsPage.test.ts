import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import { Workbench } from './workbench.ts';

/** Script in a page that counts its pictures, and those without any pixels. */
const PICTURES = `({
  all: document.images.length,
  broken: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map(({ src }) => src),
})`;

/** Script in an empty page that loads a picture; resolves to its width, 0 if it is none. */
const LOADED_WIDTH = `(address) => {
  const image = new Image();
  image.src = address;
  return image.decode().then(() => image.naturalWidth, () => 0);
}`;
const TYPES: Readonly<Record<string, string>> = { '.png': 'image/png', '.webp': 'image/webp', '.svg': 'image/svg+xml' };
const root = join(import.meta.dirname, '..', '..');

const ICON_IS_THERE = `[...document.querySelectorAll('.extension-editor img')].some(({ naturalWidth }) => naturalWidth > 0)`;

interface Pictures {
  readonly all: number;
  readonly broken: readonly string[];
}

/** Returns the files of the pictures in Markdown, each once. */
function picturesIn(markdown: string): string[] {
  const found = markdown.matchAll(/!\[[^\]]*\]\(([^)\s]+)|<img[^>]*\ssrc="([^"]+)"/g);
  return [...new Set([...found].flatMap(([, inMarkdown, inHtml]) => inMarkdown ?? inHtml ?? []))];
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
    const { all, broken } = (await page.locator('body').evaluate(PICTURES)) as Pictures;
    assert.deepEqual(broken, []);
    const packaged = await readFile(join(root, 'dist', 'README.md'), 'utf8');
    assert.equal(all, picturesIn(packaged).length);
    // The icon is on VS Code's own page, around the README.
    await workbench.page.waitForFunction(ICON_IS_THERE);
    await workbench.picture('details-page');
  });

  it('leaves out pictures that all load where the repository shows them', async () => {
    const readme = picturesIn(await readFile(join(root, 'README.md'), 'utf8'));
    const steps = manifest.contributes.walkthroughs.flatMap(({ steps: all }) => all.map(({ media }) => media.svg));
    const empty = await workbench.page.context().newPage();
    const broken: string[] = [];
    for (const file of [...readme, ...steps]) {
      const content = await readFile(join(root, file));
      const address = `data:${TYPES[extname(file)]};base64,${content.toString('base64')}`;
      const width = await empty.evaluate<number>(`(${LOADED_WIDTH})(${JSON.stringify(address)})`);
      if (width === 0) broken.push(file);
    }
    await empty.close();
    assert.deepEqual(broken, []);
    assert.ok(readme.length > 10 && steps.length > 0);
  });

  it('says what the extension does and how to begin, and nothing for contributors', async () => {
    await page.getByRole('heading', { name: 'Quick start' }).waitFor();
    const text = await page.locator('body').innerText();
    assert.match(text, /Any level of a million keys at once/);
    assert.doesNotMatch(text, /\bnpm\b/);
  });
});
