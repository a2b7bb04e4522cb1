import type { Page } from 'playwright-core';
import { canBeClicked, NOTICE_LIMIT } from './visible.ts';

const IS_GONE = `([row, label]) => row.getClientRects().length === 0 || row.getAttribute('aria-label') !== label`;

/**
 * Chooses an item of a pick, and waits until that is closed, because what is typed before would be lost. Resolves to
 * false if the item does not come soon, or the pick is closed first: a tree or an editor that is drawn may take the
 * focus, which closes it.
 */
export async function canBeChosen(page: Page, name: string | RegExp): Promise<boolean> {
  const option = page.getByRole('option', { name }).first();
  const row = await option.elementHandle({ timeout: NOTICE_LIMIT }).catch(() => null);
  const label = await row?.getAttribute('aria-label');
  if (!row || !(await canBeClicked(option, 'left'))) return false;
  // The next pick may offer the same in the same place.
  await page.waitForFunction(IS_GONE, [row, label], { timeout: NOTICE_LIMIT }).catch(() => undefined);
  return true;
}
