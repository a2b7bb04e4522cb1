import type { Locator, Page } from 'playwright-core';
import { DRAWN, NOTICE_LIMIT } from './visible.ts';

const HAS_FOCUS = `document.activeElement?.closest('.quick-input-widget') !== null`;
/** Times that a question has the focus after the window has been drawn, until it is expected to keep it. */
const STEADY = 5;

/**
 * Resolves to whether the open question takes what is typed. It takes the focus and draws its initial value after it is
 * visible; the question before it, or a tree that is drawn at that moment, may take the focus afterwards.
 */
export async function takesKeys(page: Page, input: Locator): Promise<boolean> {
  await page.waitForFunction(`${HAS_FOCUS} && ${DRAWN}`, undefined, { timeout: NOTICE_LIMIT }).catch(
    // A person would click into it, which moves the caret.
    () => input.focus({ timeout: NOTICE_LIMIT }).catch(() => undefined),
  );
  for (let drawn = 0; drawn < STEADY; drawn++) {
    await page.evaluate(DRAWN);
    if ((await page.evaluate(HAS_FOCUS)) !== true) return false;
  }
  return true;
}
