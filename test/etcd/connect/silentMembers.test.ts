import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { unknownFields } from '../../../src/etcd/unknownFields.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failOnUncaught } from '../uncaught.ts';
import { until } from '../eventually.ts';

const WAYS: Readonly<Record<string, Pick<EtcdSettings, 'api' | 'transport'>>> = {
  gRPC: { transport: 'grpc', api: 'v3' },
  gateway: { transport: 'gateway', api: 'v3' },
  v2: { api: 'v2', transport: 'auto' },
};
const LIMITS = { connect: 2_000, response: 9_000 };
/** Milliseconds after which a read was certainly sent. */
const SENT = 200;
const SENTENCES = /lost|within|refused|endpoints/;

for (const size of [1, 3])
  describe(`reads that are pending while a member of ${size} freezes or dies`, () => {
    let members: EtcdServer[];

    before(async function () {
      this.timeout('5m');
      members = await startCluster({ version: '3.4', size, extraArgs: ['--enable-v2'] });
      await members[0]?.etcdctl(['put', '/key', '1']);
      const v2 = await connectEtcd({ ...settingsFor(endpoints()), api: 'v2' });
      await v2.store.put(bytes('/key'), bytes('1'), 'absent');
      v2.close();
    });
    after(async () => await Promise.all(members.map((each) => each.stop())));
    failOnUncaught();

    const endpoints = () => members.map(({ endpoint }) => endpoint);

    /** Returns the leader first; without it, the others must elect one before they answer. */
    async function leaderFirst(): Promise<EtcdServer[]> {
      const leads = await Promise.all(members.map(isLeader));
      const leader = members[leads.indexOf(true)];
      assert.ok(leader);
      return [leader, ...members.filter((each) => each !== leader)];
    }

    for (const [way, settings] of Object.entries(WAYS))
      for (const fault of ['SIGSTOP', 'SIGKILL'] as const)
        it(`go on by ${way} after ${fault}`, async function () {
          this.timeout('3m');
          const [stopping, ...others] = await leaderFirst();
          assert.ok(stopping);
          const all = [stopping, ...others].map(({ endpoint }) => endpoint);
          const { store, close } = await connectEtcd({ ...settingsFor(all), limits: LIMITS, ...settings });
          const read = async () =>
            await store.get(bytes('/key')).then(
              ({ kv }) => (kv ? 'read' : 'absent'),
              (error: unknown) => (EtcdError.is(error) ? error.message : `uncaught: ${String(error)}`),
            );
          try {
            await Promise.all([read(), read()]);
            stopping.pause();
            const pending = [read(), read(), read()];
            await delay(SENT);
            if (fault === 'SIGKILL') await stopping.kill();
            for (const outcome of await Promise.all(pending))
              if (size > 1) assert.equal(outcome, 'read');
              else assert.match(outcome, SENTENCES);
            if (fault === 'SIGKILL') await stopping.restart();
            else stopping.resume();
            await until(async () => (await read()) === 'read');
          } finally {
            close();
            if (fault === 'SIGKILL') await stopping.restart();
            else stopping.resume();
          }
          await until(async () => (await Promise.all(members.map(isLeader))).includes(true));
        });
  });

async function isLeader(member: EtcdServer): Promise<boolean> {
  const { code, stdout } = await member.etcdctl(['endpoint', 'status', '-w', 'json']);
  if (code !== 0) return false;
  const [status]: unknown[] = JSON.parse(stdout);
  const { leader, header } = unknownFields(unknownFields(status)['Status']);
  return leader === unknownFields(header)['member_id'] && leader !== undefined && leader !== 0;
}
