import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { checkCluster } from '../../../src/etcd/cluster/check.ts';
import { defragmentMembers, defragmentOrder } from '../../../src/etcd/cluster/defragmentation.ts';
import { leaderOf } from '../../../src/etcd/cluster/v3Cluster.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { bytes } from '../connecting.ts';
import { eventually, until } from '../eventually.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';
import { Opener } from './clusters.ts';

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`three members of etcd ${version} operated by ${transport}`, function () {
    this.timeout('1m');
    const opener = new Opener();
    let servers: EtcdServer[] = [];

    before(async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      servers = await startCluster({ version });
    });
    after(() => Promise.all(servers.map((server) => server.stop())));
    afterEach(() => opener.close());

    async function admin(from: readonly EtcdServer[] = servers) {
      return (await opener.open(from, transport)).admin;
    }

    it('asks each member for itself, also those that only the others announce', async () => {
      const { members, isListed } = await (await admin(servers.slice(0, 1))).state();
      assert.equal(isListed, true);
      assert.deepEqual(members.map(({ name }) => name).toSorted(), ['member1', 'member2', 'member3']);
      const origins = members.map(({ name, answer }) => [name, answer.kind === 'answered' ? answer.origin : '']);
      for (const [index, { endpoint }] of servers.entries())
        assert.deepEqual(origins.find(([name]) => name === `member${index + 1}`)?.[1], endpoint);
      assert.notEqual(leaderOf(members), 0n);
    });

    it('moves leadership, whichever member it is connected to', async () => {
      const cluster = await admin();
      for (let round = 0; round < 3; round++) {
        const { members } = await cluster.state();
        const leader = leaderOf(members);
        const next = members.find(({ id }) => id !== leader);
        assert.ok(next);
        await cluster.moveLeader(next);
        await until(async () => leaderOf((await cluster.state()).members) === next.id);
      }
    });

    it('defragments the followers first, one after the other, and each of them', async () => {
      const { admin: cluster, store } = await opener.open(servers, transport);
      for (let each = 0; each < 20; each++)
        await store.put(bytes(`/fill/${version}/${transport}/${each}`), new Uint8Array(200_000), 'absent');
      await store.delete([{ start: bytes('/fill/'), end: bytes('/fill0') }]);
      const state = await cluster.state();
      const first = state.members[0];
      assert.ok(first?.answer.kind === 'answered' && first.answer.status);
      await cluster.compact(first.answer.status.revision, true);
      const order = defragmentOrder(state);
      assert.equal(order.length, 3);
      assert.equal(order.at(-1)?.id, leaderOf(state.members));
      const done: bigint[] = [];
      for await (const { member, before, after } of defragmentMembers(cluster, order)) {
        done.push(member.id);
        assert.ok(before && after && after.size < before.size - 1_000_000, inspect({ before, after }));
      }
      assert.deepEqual(
        done,
        order.map(({ id }) => id),
      );
    });

    it('finds the same hash on all members', async function () {
      if (version === '3.4' && transport === 'gateway') this.skip();
      const cluster = await admin();
      const { members } = await cluster.state();
      const { answers } = await cluster.hashes(members);
      const hashes = [...answers.values()].map((answer) => {
        assert.ok(answer.kind === 'hashed', inspect(answer));
        return answer.hash.hash;
      });
      assert.equal(hashes.length, 3);
      assert.equal(new Set(hashes).size, 1, hashes.join(' '));
    });

    it('stops at the first member that is not healthy, touches none, and refuses to lose the quorum', async () => {
      const cluster = await admin();
      const before = await cluster.state();
      const leader = leaderOf(before.members);
      const [victim, other] = before.members.filter(({ id }) => id !== leader);
      assert.ok(victim && other);
      const server = servers.find(({ endpoint }) => victim.clientUrls.includes(endpoint));
      await server?.kill();
      try {
        const state = await cluster.state();
        assert.equal(state.members.find(({ id }) => id === victim.id)?.answer.kind, 'failed');
        await assert.rejects(
          async () => {
            for await (const step of defragmentMembers(cluster, defragmentOrder(state))) assert.fail(inspect(step));
          },
          (error) => EtcdError.is(error, 'unavailable') && error.message.includes(victim.name),
        );
        await assert.rejects(cluster.removeMember(other), (error) => EtcdError.is(error, 'losesQuorum'));
        await assert.rejects(cluster.addMember(['http://127.0.0.1:1'], { isLearner: false }), (error) =>
          EtcdError.is(error, 'losesQuorum'),
        );
        assert.equal((await cluster.state()).members.length, 3);
      } finally {
        await server?.restart();
      }
      await until(async () =>
        (await cluster.state()).members.every(
          ({ answer }) => answer.kind === 'answered' && answer.health.kind === 'healthy',
        ),
      );
    });

    it('reports that there is no leader, and what each member says, instead of failing', async () => {
      const cluster = await admin();
      const [, ...others] = servers;
      await Promise.all(others.map((server) => server.kill()));
      try {
        await until(async () => leaderOf((await cluster.state()).members) === 0n);
        const findings = await checkCluster(cluster);
        const of = (subject: string) => findings.filter((finding) => finding.subject === subject);
        assert.match(of('leader')[0]?.text ?? '', /^No member knows a leader/, inspect(findings));
        assert.deepEqual(
          of('reachable').map(({ severity }) => severity),
          ['failed', 'failed', 'failed'],
        );
        assert.equal(of('alarms')[0]?.severity, 'failed');
        assert.equal(of('same data')[0]?.severity, 'failed');
        assert.ok(of('metrics').some(({ member, severity }) => member?.name === 'member1' && severity === 'failed'));
      } finally {
        await Promise.all(others.map((server) => server.restart()));
      }
      await until(async () =>
        (await cluster.state()).members.every(
          ({ answer }) => answer.kind === 'answered' && answer.health.kind === 'healthy',
        ),
      );
    });

    // A member may not know yet what another one has carried out.
    it('adds a learner, gives it another address, does not promote it before it is in sync, and removes it', async () => {
      const cluster = await admin();
      const [port = 0, other = 0] = await freePorts(2);
      const add = () => cluster.addMember([`http://127.0.0.1:${port}`], { isLearner: true });
      // etcd refuses until its members have been connected for five seconds.
      const id = await eventually(add, 'unexpected');
      const find = async () => (await cluster.state()).members.find((member) => member.id === id);
      await until(async () => (await find()) !== undefined);
      const learner = await find();
      assert.ok(learner?.isLearner && learner.name === '' && learner.answer.kind === 'notAsked', inspect(learner));
      await assert.rejects(
        cluster.addMember([`http://127.0.0.1:${port}`], { isLearner: true }),
        (error) => EtcdError.is(error) && error.message.includes('same peer address'),
      );
      await assert.rejects(
        cluster.promote(learner),
        (error) => EtcdError.is(error) && error.message.includes('caught up'),
      );
      await cluster.updateMember(learner, [`http://127.0.0.1:${other}`]);
      await until(async () => (await find())?.peerUrls.join() === `http://127.0.0.1:${other}`);
      await cluster.removeMember(learner);
      await until(async () => (await find()) === undefined);
    });

    it('promotes a learner that has caught up, and removes it', async () => {
      const cluster = await admin();
      const { members } = await cluster.state();
      const [port = 0] = await freePorts(1);
      const url = `http://127.0.0.1:${port}`;
      const id = await eventually(() => cluster.addMember([url], { isLearner: true }));
      const find = async () => {
        const found = (await cluster.state()).members.find((member) => member.id === id);
        return found ?? assert.fail('the member is not there');
      };
      await until(async () => (await cluster.state()).members.length === 4);
      const peers = [...members.map(({ name, peerUrls: [peer = ''] }) => `${name}=${peer}`), `member4=${url}`];
      const started = await startEtcd({
        version,
        extraArgs: [
          ...['--name', 'member4', '--initial-cluster', peers.join(','), '--initial-cluster-state', 'existing'],
          ...['--listen-peer-urls', url, '--initial-advertise-peer-urls', url],
          ...['--heartbeat-interval', '100', '--election-timeout', '1000'],
        ],
      });
      try {
        await until(async () => {
          const { answer } = await find();
          return answer.kind === 'answered' && answer.health.kind === 'learner';
        });
        const learner = await find();
        await eventually(() => cluster.promote(learner));
        await until(async () => !(await find()).isLearner);
        await until(async () => {
          const { answer } = await find();
          return answer.kind === 'answered' && answer.health.kind === 'healthy';
        });
        await eventually(async () => cluster.removeMember(await find()));
        await until(async () => (await cluster.state()).members.length === 3);
      } finally {
        await started.stop();
      }
    });

    it('adds a member with a vote, which counts before it has started, and removes it', async () => {
      const cluster = await admin();
      const [port = 0] = await freePorts(1);
      const id = await eventually(() => cluster.addMember([`http://127.0.0.1:${port}`], { isLearner: false }));
      await until(async () => (await cluster.state()).members.length === 4);
      const added = (await cluster.state()).members.find((member) => member.id === id);
      assert.ok(added && !added.isLearner && added.answer.kind === 'notAsked', inspect(added));
      await eventually(() => cluster.removeMember(added));
      await until(async () => (await cluster.state()).members.length === 3);
    });
  });
}
