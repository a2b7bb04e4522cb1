import assert from 'node:assert/strict';
import { startEtcd } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';
import { Opener, fillUp } from './clusters.ts';

const QUOTA = 4 * 1024 * 1024;

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`both alarms of etcd ${version} by ${transport}`, function () {
    this.timeout('2m');
    const opener = new Opener();

    before(async function () {
      await skipIfUnavailable(this, version);
    });
    afterEach(() => opener.close());

    it('are told, and only NOSPACE is disarmed', async () => {
      const server = await startEtcd({ version, extraArgs: ['--quota-backend-bytes', String(QUOTA)] });
      try {
        const { admin, store } = await opener.open([server], transport);
        await fillUp(store, bytes('/fill'));
        const [member] = (await admin.state()).members;
        assert.ok(member);
        const { ok } = await fetch(`${server.endpoint}/v3/maintenance/alarm`, {
          method: 'POST',
          body: JSON.stringify({ action: 'ACTIVATE', memberID: member.id.toString(), alarm: 'CORRUPT' }),
        });
        assert.ok(ok);
        const kinds = async () => {
          const { alarms } = await admin.state();
          return alarms.kind === 'reported' ? alarms.alarms.map(({ kind }) => kind).toSorted() : [];
        };
        assert.deepEqual(await kinds(), ['CORRUPT', 'NOSPACE']);
        assert.equal(await admin.disarmNoSpace(), 1);
        assert.deepEqual(await kinds(), ['CORRUPT']);
        assert.equal(await admin.disarmNoSpace(), 0);
        assert.deepEqual(await kinds(), ['CORRUPT']);
      } finally {
        await server.stop();
      }
    });
  });
}
