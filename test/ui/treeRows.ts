import { setTimeout as delay } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import { until } from './until.ts';

/** Milliseconds for which a row must stay as it is: the tree may be restoring it, or a click may still arrive. */
const SETTLING = 150;

/** Expands a row, also while the tree is drawn again or restores its rows, when a click may be lost or collapse it. */
export async function expandRow(row: Locator): Promise<void> {
  await until(`${String(row)} is expanded`, async () => {
    if (await isExpanded(row)) return await stays(() => isExpanded(row));
    await row.click();
    // Unlike a click, this never collapses.
    if (!(await isExpanded(row))) await row.page().keyboard.press('ArrowRight');
    return false;
  });
}

/** Collapses a row, also while the tree is drawn again. */
export async function collapseRow(row: Locator): Promise<void> {
  const isCollapsed = async () => !(await isExpanded(row));
  await until(`${String(row)} is collapsed`, async () => {
    if (await isCollapsed()) return await stays(isCollapsed);
    await row.click();
    if (await isExpanded(row)) await row.page().keyboard.press('ArrowLeft');
    return false;
  });
}

async function isExpanded(row: Locator): Promise<boolean> {
  return (await row.getAttribute('aria-expanded')) === 'true';
}

async function stays(holds: () => Promise<boolean>): Promise<boolean> {
  await delay(SETTLING);
  return await holds();
}
