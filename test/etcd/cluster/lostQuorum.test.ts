import assert from 'node:assert/strict';
import type { MemberState } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { leaderOf } from '../../../src/etcd/cluster/v3Cluster.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { until } from '../eventually.ts';
import { VERSIONS_AND_TRANSPORTS } from '../versions.ts';
import { Opener } from './clusters.ts';

for (const { version, transport } of VERSIONS_AND_TRANSPORTS) {
  describe(`a removal that costs the quorum, of etcd ${version} by ${transport}`, function () {
    this.timeout('2m');
    const opener = new Opener();
    let servers: EtcdServer[] = [];

    afterEach(async () => {
      opener.close();
      await Promise.all(servers.splice(0).map((server) => server.stop()));
    });

    /** Starts three members, stops one, and returns another one that does not lead. */
    async function oneStopped(extraArgs: readonly string[] = []) {
      servers = await startCluster({ version, extraArgs });
      const { admin } = await opener.open(servers, transport);
      const { members } = await admin.state();
      const [stopped, other] = members.filter(({ id }) => id !== leaderOf(members));
      assert.ok(stopped && other);
      await servers.find(({ endpoint }) => stopped.clientUrls.includes(endpoint))?.kill();
      return { admin, other };
    }

    async function isThere({ id }: MemberState, members: () => Promise<readonly MemberState[]>): Promise<boolean> {
      return (await members()).some((member) => member.id === id);
    }

    it('is refused, and left to etcd if it is wanted all the same, which refuses too', async () => {
      const { admin, other } = await oneStopped();
      const members = async () => (await admin.state()).members;
      await assert.rejects(
        admin.removeMember(other),
        (error) =>
          EtcdError.is(error, 'losesQuorum') && error.notCarriedOut && error.message.includes('loses its quorum'),
      );
      await assert.rejects(
        admin.removeMember(other, { mayLoseQuorum: true }),
        (error) => EtcdError.is(error, 'unexpected') && error.message.includes('could cost the majority'),
      );
      assert.ok(await isThere(other, members));
    });

    it('is carried out if it is wanted all the same and etcd does not check it', async () => {
      const { admin, other } = await oneStopped(['--strict-reconfig-check=false']);
      const members = async () => (await admin.state()).members;
      await assert.rejects(admin.removeMember(other), (error) => EtcdError.is(error, 'losesQuorum'));
      assert.ok(await isThere(other, members));
      await admin.removeMember(other, { mayLoseQuorum: true });
      await until(async () => !(await isThere(other, members)));
    });
  });
}
