import assert from 'node:assert/strict';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { eventText, followed, type Followed } from '../watch/followed.ts';
import { outsideV2, type OutsideV2 } from './outsideV2.ts';
import { tcpProxy, type TcpProxy } from '../connect/reverseProxies.ts';
import { ETCD_SERIES } from '../versions.ts';

for (const version of ETCD_SERIES) {
  describe(`following v2 keys of etcd ${version}`, () => {
    let server: EtcdServer;
    let outside: OutsideV2;
    let proxy: TcpProxy;
    const closing: (() => unknown)[] = [];

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version, extraArgs: ['--enable-v2=true'] });
      outside = outsideV2(server.endpoint);
    });
    after(() => server?.stop());
    beforeEach(async () => {
      proxy = await tcpProxy(server.port);
    });
    afterEach(async () => {
      for (const close of closing.splice(0).toReversed()) await close();
      proxy.close();
    });

    async function follow(prefix: string, fromRevision?: bigint): Promise<Followed> {
      const { store, close } = await connectV2(settingsFor(proxy.endpoint));
      closing.push(close);
      assert.equal(store.capabilities.following, 'longPoll');
      const range = prefix.endsWith('/') || prefix === '' ? prefixRange(bytes(prefix)) : singleKeyRange(bytes(prefix));
      const watching = followed(store, range, fromRevision === undefined ? {} : { fromRevision });
      closing.push(() => watching.stop());
      if (fromRevision === undefined) await watching.stands();
      return watching;
    }

    it('tells puts, deletes and directories below, each with what was before', async () => {
      const watching = await follow('/a/');
      await outside.put('/a/1', { value: 'one' });
      await outside.put('/a/1', { value: 'zwei ä' });
      await outside.put('/ab', { value: 'other' });
      await outside.put('/a/d', { dir: 'true' });
      await outside.put('/a/d/e', { value: 'x' });
      await outside.delete('/a/1');
      await outside.delete('/a/d?recursive=true');
      await outside.delete('/a?recursive=true');
      await outside.put('/a/2', { value: 'again' });
      assert.deepEqual((await watching.until(8)).map(eventText), [
        'put /a/1 one',
        'put /a/1 zwei ä < one',
        'create folder /a/d/',
        'put /a/d/e x',
        'delete /a/1 < zwei ä',
        'delete folder /a/d/',
        'delete folder /a/',
        'put /a/2 again',
      ]);
    });

    it('tells of one key that it went with its directory, and that it expired', async () => {
      await outside.put('/dir/key', { value: 'x' });
      const watching = await follow('/dir/key');
      await outside.delete('/dir?recursive=true');
      await watching.until(1);
      await outside.put('/dir/key', { value: 'short', ttl: '1' });
      assert.deepEqual((await watching.until(3)).map(eventText), [
        'delete /dir/key',
        'put /dir/key short',
        'delete /dir/key < short',
      ]);
    });

    it('misses nothing and tells nothing twice over cuts and a restart', async function () {
      this.timeout('5m');
      const watching = await follow('/cut/');
      let written = 0;
      const write = async () => {
        for (let n = 0; n < 20; n++) await outside.put(`/cut/${written++}`, { value: 'x' });
      };
      for (let cut = 0; cut < 5; cut++) {
        await write();
        proxy.refuse(true);
        proxy.cut();
        await write();
        await watching.when(() => watching.interruptions.length > cut);
        proxy.refuse(false);
        await watching.until(written);
      }
      await server.kill();
      await server.restart();
      await write();
      assert.deepEqual(
        (await watching.until(written)).map(eventText),
        Array.from({ length: written }, (_, index) => `put /cut/${index} x`),
      );
    });

    it('begins at an earlier index, and fails as compacted where etcd has forgotten it', async function () {
      this.timeout('5m');
      const { node } = await outside.put('/window/0', { value: 'x' });
      const from = BigInt(node.modifiedIndex);
      assert.deepEqual((await (await follow('/window/', from)).until(1)).map(eventText), ['put /window/0 x']);
      for (let n = 1; n <= 1001; n++) await outside.put('/elsewhere', { value: String(n) });
      assert.ok(failsAs('compacted')(await (await follow('/window/', from)).ended));
    });
  });
}
