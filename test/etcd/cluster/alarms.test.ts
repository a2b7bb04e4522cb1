import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';
import { Opener } from './clusters.ts';

const QUOTA = 4 * 1024 * 1024;
/** Writes until one is refused: etcd counts only what it has committed, which takes a moment. */
const MAX_ROUNDS = 500;

/** Writes until etcd refuses. */
async function fill(store: KeyStore): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++)
    try {
      await store.put(bytes(`/fill/${round}`), new Uint8Array(200_000).fill(round), 'absent');
    } catch (error) {
      assert.ok(EtcdError.is(error, 'quotaExceeded'), String(error));
      return;
    }
  assert.fail('it is not full');
}

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
        await fill(store);
        const [member] = (await admin.state()).members;
        assert.ok(member);
        const { ok } = await fetch(`${server.endpoint}/v3/maintenance/alarm`, {
          method: 'POST',
          body: JSON.stringify({ action: 'ACTIVATE', memberID: member.id.toString(), alarm: 'CORRUPT' }),
        });
        assert.ok(ok);
        const kinds = async () => {
          const { alarms } = await admin.state();
          return alarms.kind === 'told' ? alarms.alarms.map(({ kind }) => kind).toSorted() : [];
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
