import type { Locator, Page } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import texts from '../../package.nls.json' with { type: 'json' };
import { until } from './until.ts';
import { canBeClicked, canBeHovered, comes, goes } from './visible.ts';

const textOf = (placeholder: string) => texts[placeholder.slice(1, -1) as keyof typeof texts];
const entriesOf = (page: Page) => page.locator('.monaco-menu .action-label');
const nestedOf = (page: Page) => page.locator('.monaco-submenu .action-label');

/** Opens a row's menu and chooses the entry with this title, which may be in a submenu. */
export async function chooseInMenu(page: Page, row: Locator, title: RegExp): Promise<void> {
  const entry = entriesOf(page).getByText(title);
  const focused = page
    .locator('.monaco-menu .action-item.focused > .action-menu-item > .action-label')
    .getByText(title);
  await until(`${String(title)} is chosen`, async () => {
    await open(page, row);
    const submenu = (await entry.count()) === 0 ? submenuOf(title) : undefined;
    if (submenu !== undefined && !(await openSubmenu(page, submenu))) {
      await close(page);
      return false;
    }
    // While VS Code draws the row anew, its menu lacks what depends on the row.
    const isThere = (await entry.count()) > 0 && (await canBeHovered(entry));
    // A busy VS Code may not have noticed the pointer yet, and the key press would be for nothing or for another entry.
    const isReady = isThere && (await comes(focused));
    if (!isReady) await close(page);
    else await page.keyboard.press('Enter');
    await entriesOf(page).first().waitFor({ state: 'detached' });
    return isReady;
  });
}

/** Chooses an entry of the menu behind "…" above a view, which is visible while the pointer is in the view. */
export async function chooseAboveView(page: Page, view: string, title: string): Promise<void> {
  const tree = page.getByRole('tree', { name: view });
  const more = page
    .locator('.pane')
    .filter({ has: tree })
    .getByRole('button', { name: /More Actions/ });
  await until(`${title} is chosen`, async () => {
    await tree.hover();
    const isOpen = (await canBeClicked(more, 'left')) && (await comes(entriesOf(page).first()));
    if (isOpen && (await canBeClicked(entriesOf(page).getByText(title), 'left'))) return true;
    await page.keyboard.press('Escape');
    return false;
  });
}

/** Returns the titles in a row's menu, without those in its submenus. */
export async function titlesInMenu(page: Page, row: Locator): Promise<string[]> {
  await open(page, row);
  const titles = await entriesOf(page).allInnerTexts();
  await close(page);
  return titles.filter((title) => title !== '');
}

/** Returns the titles in a row's menu and in its submenus. */
export async function allTitlesInMenu(page: Page, row: Locator): Promise<string[]> {
  const titles = await titlesInMenu(page, row);
  const labels = manifest.contributes.submenus.map(({ label }) => textOf(label));
  for (const label of labels.filter((each) => titles.includes(each))) {
    await until(`the submenu ${label} is open`, async () => {
      await open(page, row);
      return await openSubmenu(page, label);
    });
    titles.push(...(await nestedOf(page).allInnerTexts()));
    await close(page);
  }
  return titles.filter((title) => title !== '');
}

/** A row that VS Code draws anew may miss a click. */
async function open(page: Page, row: Locator): Promise<void> {
  const first = entriesOf(page).first();
  await until('the menu is open', async () => {
    if (await first.isVisible()) return true;
    return (await canBeClicked(row, 'right')) && (await comes(first));
  });
}

/**
 * Opens a submenu, which VS Code does by itself a moment after the pointer came; a key opens it too. Resolves to whether
 * it is open: a menu may be closed meanwhile.
 */
async function openSubmenu(page: Page, label: string): Promise<boolean> {
  const nested = nestedOf(page).first();
  if (!(await canBeHovered(entriesOf(page).getByText(label, { exact: true })))) return false;
  if (await comes(nested)) return true;
  await page.keyboard.press('ArrowRight');
  return await comes(nested);
}

/** Closes a menu; one press of a key may close only a submenu. */
async function close(page: Page): Promise<void> {
  const first = entriesOf(page).first();
  await until('the menu is closed', async () => {
    const nested = nestedOf(page).first();
    if (await nested.isVisible()) {
      await page.keyboard.press('Escape');
      await nested.waitFor({ state: 'detached' });
    }
    if (await first.isVisible()) await page.keyboard.press('Escape');
    return await goes(first);
  });
}

/** Returns the label of the submenu that has an entry with such a title, if one has. */
function submenuOf(title: RegExp): string | undefined {
  const { menus, submenus, commands } = manifest.contributes;
  const ids = new Set(commands.filter((each) => title.test(textOf(each.title))).map(({ command }) => command));
  const has = (id: string) =>
    menus[id as keyof typeof menus].some((entry) => 'command' in entry && ids.has(entry.command));
  const found = submenus.find(({ id }) => has(id));
  return found && textOf(found.label);
}
