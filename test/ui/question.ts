import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';
import { DRAWN, NOTICE_LIMIT } from './visible.ts';

const HAS_FOCUS = `Boolean(document.activeElement?.closest('.quick-input-widget'))`;
/** Times that a question has the focus after the window has been drawn, until it is expected to keep it. */
const STEADY = 5;

/** Waits until the open question takes what is typed. */
export async function focusQuestion(page: Page, input: Locator): Promise<void> {
  await until('the question has the focus', async () => {
    await giveFocus(page, input);
    return await keepsFocus(page);
  });
}

/** Sets the text of the open question, as pasting does. */
export async function fillQuestion(page: Page, input: Locator, text: string): Promise<void> {
  await until(`the question has ${text}`, async () => {
    await giveFocus(page, input);
    await input.fill(text);
    return (await keepsFocus(page)) && (await input.inputValue()) === text;
  });
}

/**
 * Waits until the open question has the focus, which it takes after it is visible, or gives it the focus as a person
 * would who clicks into it, but without moving the caret.
 */
async function giveFocus(page: Page, input: Locator): Promise<void> {
  await page
    .waitForFunction(`${HAS_FOCUS} && ${DRAWN}`, undefined, { timeout: NOTICE_LIMIT })
    .catch(() => input.focus({ timeout: NOTICE_LIMIT }).catch(() => undefined));
}

/**
 * Resolves to whether the open question keeps the focus: the question before it, or a tree that is drawn at that moment,
 * may take it away again.
 */
export async function keepsFocus(page: Page): Promise<boolean> {
  for (let drawn = 0; drawn < STEADY; drawn++) {
    await page.evaluate(DRAWN);
    if ((await page.evaluate(HAS_FOCUS)) !== true) return false;
  }
  return true;
}
