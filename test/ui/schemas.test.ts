import assert from 'node:assert/strict';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { openKey } from './openKey.ts';
import { untilEtcdHas, valueInEtcd } from './until.ts';
import { Workbench } from './workbench.ts';

const SCHEMA = { properties: { port: { type: 'integer', maximum: 65_535 } }, additionalProperties: false };

describe('a schema of values', () => {
  let server: EtcdServer;
  let workbench: Workbench;

  before(async function () {
    this.timeout('10m');
    server = await startEtcd();
    await server.etcdctl(['put', '/config/service.json', '{"port": 80}']);
    workbench = await Workbench.open({
      settings: {
        'etcd.connections': [{ name: 'local', endpoints: [server.endpoint] }],
        'json.schemas': [{ fileMatch: ['etcd://*/config/**'], schema: SCHEMA }],
      },
    });
    await workbench.openView();
    await workbench.expand(/^local/);
    await workbench.expand(/^config/);
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
  });
  afterEach(async function () {
    await workbench.keepFailure(this.currentTest);
  });

  it('is applied by VS Code, and a save that violates it is confirmed', async () => {
    await openKey(workbench, 'service.json');
    await workbench.page.getByRole('textbox', { name: /^service\.json/ }).focus();
    for (const key of ['Control+End', 'ArrowLeft']) await workbench.page.keyboard.press(key);
    await workbench.page.keyboard.type('000');
    await workbench.unsaved('service.json').waitFor();
    await workbench.page
      .locator('.editor-instance .squiggly-warning, .editor-instance .squiggly-error')
      .first()
      .waitFor();
    await workbench.picture('schema');
    await workbench.save();
    await workbench.dialog.getByText(/above the maximum of 65535/).waitFor();
    await workbench.picture('schema-question');
    await workbench.answer('Cancel');
    // VS Code ignores a save while one is ending.
    await workbench.messages.told(/The text has problems: .*Nothing was written/);
    await workbench.dismissMessages();
    assert.equal(await valueInEtcd(server, '/config/service.json'), '{"port": 80}');
    await workbench.save();
    await workbench.dialog.getByText(/above the maximum of 65535/).waitFor();
    await workbench.answer('Save');
    await untilEtcdHas(server, '/config/service.json', '{"port": 80000}');
  });
});
