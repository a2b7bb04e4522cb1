import { Workbench } from '../../test/ui/workbench.ts';
import { until } from '../../test/ui/until.ts';
import { startClusterDemo, writeClusterWorkspace } from '../demo/clusterEtcd.ts';
import type { Progress } from '../setup/progress.ts';

/** Figures that the charts should have: at one every two seconds, a forecast is among them. */
const FIGURES = 12;

/** Takes the pictures of a cluster. @param picture takes one, by its name */
export async function takeClusterPictures(
  picture: (workbench: Workbench, name: string) => Promise<void>,
  progress: Progress,
): Promise<void> {
  const demo = await startClusterDemo(progress);
  const workbench = await Workbench.open({
    prepare: (folder) => writeClusterWorkspace(folder, demo),
    settings: { 'workbench.colorTheme': 'Dark Modern', 'window.title': 'etcd' },
  });
  try {
    const { page, report } = workbench;
    await workbench.openView();
    await workbench.item(/^cluster/).click();
    await workbench.answer('Connect');
    await page.locator('.quick-input-widget input[type=password]').fill(demo.password);
    await page.keyboard.press('Enter');
    await workbench.item(/^config /).waitFor();
    await workbench.menu(workbench.item(/^cluster/), 'Show Cluster');
    const row = (name: RegExp) => page.getByRole('tree', { name: 'Cluster' }).getByRole('treeitem', { name });
    await row(/^Users/).click();
    await page.keyboard.press('ArrowRight');
    await row(/^alice/).waitFor();
    await workbench.command('etcd: Show Cluster Overview');
    await report.getByLabel('Refresh every').selectOption('2');
    const changes = new Set<string>();
    await until('enough figures', async () => {
      changes.add((await report.locator('#sentence').textContent()) ?? '');
      return changes.size > FIGURES;
    });
    await picture(workbench, 'overview');
    await report.getByRole('button', { name: 'Estimate' }).click();
    await report.getByRole('button', { name: 'Look inside /', exact: true }).click();
    await report
      .locator('#space-table')
      .getByRole('row', { name: /^\/config\// })
      .waitFor();
    await report.locator('#space').scrollIntoViewIfNeeded();
    await report.locator('#space-table').scrollIntoViewIfNeeded();
    await picture(workbench, 'space');
  } finally {
    await workbench.close();
    await demo.stop();
  }
}
