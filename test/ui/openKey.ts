import type { Locator } from 'playwright-core';
import { until } from './until.ts';
import { comes, NOTICE_LIMIT } from './visible.ts';
import type { Workbench } from './workbench.ts';

/**
 * Opens a key by its row, even if the tree is drawn again at the moment of the click, which may lose the click.
 * @param name the editor's name
 */
export async function openKey(workbench: Workbench, name: string, row: Locator = workbench.item(name)): Promise<void> {
  const tab = workbench.page.locator(`.tab.active[data-resource-name="${name}"]`);
  await row.waitFor();
  await until(`${name} is open`, async () => {
    await row.dblclick({ timeout: NOTICE_LIMIT }).catch(() => undefined);
    return await comes(tab);
  });
}
