import type { Page } from 'playwright-core';
import { until } from './until.ts';
import { NOTICE_LIMIT } from './visible.ts';

const IS_READY = `document.querySelector('.quick-input-widget input')?.value === '>'`;
const IS_CLOSED = `!document.querySelector('.quick-input-widget input')?.checkVisibility()
  || !document.querySelector('.quick-input-widget input').value.startsWith('>')`;

/** Opens the palette, and waits until it is ready, because it loses what is typed before it has written its own `>`. */
export async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.waitForFunction(IS_READY, undefined, { timeout: NOTICE_LIMIT });
}

/**
 * Opens the palette again and again until it has what is wanted: the palette of a window that was just loaded may not
 * have all commands yet. It stays open then.
 */
export async function untilInPalette(page: Page, what: string, isThere: () => Promise<boolean>): Promise<void> {
  await until(`${what} in the palette`, async () => {
    const attempt = async () => {
      await openPalette(page);
      return await isThere();
    };
    if (await attempt().catch(() => false)) return true;
    await page.keyboard.press('Escape');
    return false;
  });
}

/** Resolves to whether the palette closes soon. */
export async function paletteCloses(page: Page): Promise<boolean> {
  return await page.waitForFunction(IS_CLOSED, undefined, { timeout: NOTICE_LIMIT }).then(
    () => true,
    () => false,
  );
}
