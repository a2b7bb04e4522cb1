import assert from 'node:assert/strict';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { startEtcd } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES) {
  describe(`which APIs etcd ${version} has`, () => {
    it('finds v3 alone, and says so where v2 is wanted', async () => {
      const server = await startEtcd({ version });
      const { api, alsoV2, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'auto' });
      assert.deepEqual([api, alsoV2], ['v3', false]);
      close();
      await assert.rejects(connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' }), failsAs('unsupported'));
      await server.stop();
    });

    it('finds v2 beside v3, as two stores that never mix', async () => {
      const server = await startEtcd({ version, extraArgs: ['--enable-v2=true'] });
      const v3 = await connectEtcd({ ...settingsFor(server.endpoint), api: 'auto' });
      const v2 = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v2' });
      assert.deepEqual([v3.api, v3.alsoV2, v2.api, v2.alsoV2], ['v3', true, 'v2', false]);
      await v3.store.put(bytes('/same'), bytes('three'), 'absent');
      await v2.store.put(bytes('/same'), bytes('two'), 'absent');
      assert.equal(text((await v3.store.get(bytes('/same'))).kv?.value), 'three');
      assert.equal(text((await v2.store.get(bytes('/same'))).kv?.value), 'two');
      v2.close();
      v3.close();
      await server.stop();
    });
  });
}
