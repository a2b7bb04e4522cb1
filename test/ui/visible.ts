import type { Locator } from 'playwright-core';

/** Milliseconds after which an action is repeated if its effect is not visible. */
export const NOTICE_LIMIT = 5000;

/** Script in the page that resolves once VS Code has drawn. */
export const DRAWN = 'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))';

/** Resolves to whether something becomes visible soon. */
export async function comes(locator: Locator): Promise<boolean> {
  return await becomes(locator, 'visible');
}

/** Resolves to whether something is removed soon. */
export async function goes(locator: Locator): Promise<boolean> {
  return await becomes(locator, 'detached');
}

/** Resolves to whether the pointer could be moved there soon. */
export async function canBeHovered(locator: Locator): Promise<boolean> {
  return await succeeds(locator.hover({ timeout: NOTICE_LIMIT }));
}

/** Resolves to whether something could be clicked soon. */
export async function canBeClicked(locator: Locator, button: 'left' | 'right'): Promise<boolean> {
  return await succeeds(locator.click({ button, timeout: NOTICE_LIMIT }));
}

async function becomes(locator: Locator, state: 'visible' | 'detached'): Promise<boolean> {
  return await succeeds(locator.waitFor({ state, timeout: NOTICE_LIMIT }));
}

async function succeeds(action: Promise<void>): Promise<boolean> {
  return await action.then(
    () => true,
    () => false,
  );
}
