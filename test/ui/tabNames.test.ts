import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { until } from './until.ts';
import { comes } from './visible.ts';
import { Workbench } from './workbench.ts';

describe('the cluster that is edited', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async () => {
    server = await startEtcd();
    await server.etcdctl(['put', '/config/app', 'value']);
    const endpoints = [server.endpoint];
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [
          { name: 'blue', endpoints, color: 'blue' },
          { name: 'live', endpoints, production: true },
        ],
        'workbench.hover.delay': 300,
      },
    });
    await workbench.openView();
    await workbench.expand(/^blue/);
    await workbench.expand(/^config/);
    await workbench.item('app').dblclick();
    await workbench.editorText.getByText('value').waitFor();
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  const status = (name: RegExp) => workbench.page.locator('.statusbar-item[id$="etcd.key"]').getByText(name);

  async function untilTooltip(place: string, text: string): Promise<void> {
    const { page } = workbench;
    await until(`the tooltip ${text}`, async () => {
      await workbench.editorText.hover();
      await page.locator(place).first().hover();
      return await comes(page.locator('.workbench-hover').getByText(text));
    });
  }

  it('is named by the status bar, and by the tooltips of the tab and of the path above the text', async () => {
    await status(/blue · rev/).waitFor();
    await untilTooltip('.tab .monaco-icon-label', 'blue/config/app');
    await untilTooltip('.monaco-breadcrumb-item', 'blue/config');
  });

  it('is in the tabs of two keys that have the same name', async () => {
    const { page } = workbench;
    await workbench.collapse(/^blue/);
    await workbench.expand(/^live/);
    await workbench.expand(/^config/);
    await workbench.item('app').click();
    await status(/live · production · rev/).waitFor();
    for (const name of ['blue', 'live'])
      await page
        .locator('.tab')
        .getByText(new RegExp(`^${name}/`))
        .waitFor();
    await workbench.picture('tabs-of-two-clusters');
  });
});
