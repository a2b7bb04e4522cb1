import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { checkCluster } from '../../../src/etcd/cluster/check.ts';
import { defragmentMembers, defragmentOrder } from '../../../src/etcd/cluster/defragmentation.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import { leaderOf } from '../../../src/etcd/cluster/v3Cluster.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import { clusterRows, type ClusterRow } from '../../../src/views/cluster/clusterRows.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { eventually, until } from '../eventually.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';
import { addUser, Opener, PASSWORD, ROOT, fillUp } from './clusters.ts';

const QUOTA = 4 * 1024 * 1024;
const denied = (error: unknown) =>
  EtcdError.is(error, 'permissionDenied') && error.notCarriedOut && error.message.includes('role root');

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`three members of etcd ${version} with users by ${transport}`, function () {
    this.timeout('3m');
    const opener = new Opener();
    let servers: EtcdServer[] = [];
    let user: Credentials;

    before(async function () {
      this.timeout('5m');
      await skipIfUnavailable(this, version);
      const extraArgs = ['--quota-backend-bytes', String(QUOTA)];
      servers = await startCluster({ version, auth: { rootPassword: PASSWORD }, extraArgs });
      const [first] = servers;
      assert.ok(first);
      user = await addUser(first, 'reader');
      assert.equal((await first.etcdctl(['put', '/app/one', 'x'])).code, 0);
    });
    after(() => Promise.all(servers.map((server) => server.stop())));
    afterEach(() => opener.close());

    const open = (credentials: Credentials) => opener.open(servers, transport, credentials);

    it('show everything to root', async () => {
      const { admin } = await open(ROOT);
      const rows = clusterRows(await admin.state());
      const [members, alarms] = rows;
      assert.equal(members?.description, '3 of 3 healthy, 2 required');
      assert.equal(alarms?.description, 'none');
      const all = flat(rows);
      assert.deepEqual(
        all.filter(({ severity }) => severity === 'hidden' || severity === 'failed' || severity === 'warning'),
        [],
      );
      assert.equal(all.filter(({ id }) => id === 'quota').length, 3);
    });

    it('show a user what it may not read, and never call themselves unhealthy', async () => {
      const { admin, store } = await open(user);
      await eventually(() => store.put(bytes(`/app/${transport}`), bytes('x'), 'absent'), 'permissionDenied');
      const state = await admin.state();
      const rows = flat(clusterRows(state));
      assert.deepEqual(
        rows.filter(({ severity }) => severity === 'failed' || severity === 'warning'),
        [],
        inspect(state, { depth: 5 }),
      );
      assert.equal(state.members.length, 3);
      for (const { answer } of state.members)
        assert.ok(answer.kind === 'answered' && answer.health.kind === 'healthy', inspect(answer));
      if (version === '3.5.30') assert.equal(rows.filter(({ id }) => id === 'figures').length, 3);
      const findings = await checkCluster(admin);
      // What the metrics say depends on how busy the machine is.
      const bad = findings.filter(({ severity, subject }) => severity === 'failed' && subject !== 'metrics');
      assert.deepEqual(bad, [], inspect(bad));
      assert.equal(findings.find(({ subject }) => subject === 'same data')?.severity, 'notShown');
    });

    it('let a user change nothing of the cluster, and say that it takes the role root', async () => {
      const { admin } = await open(user);
      const [member] = (await admin.state()).members;
      assert.ok(member);
      await assert.rejects(admin.defragment(member), denied);
      await assert.rejects(admin.removeMember(member), denied);
      await assert.rejects(admin.addMember(['http://127.0.0.1:1'], { isLearner: true }), denied);
      assert.equal((await admin.state()).members.length, 3);
    });

    it('are named by the diagnosis, which says what a user may not know', async () => {
      const members = async (credentials: Credentials) => {
        const found = new Map<string, string>();
        const settings = { ...settingsFor(servers.map(({ endpoint }) => endpoint)), api: 'v3', transport } as const;
        for await (const { endpoint, name, outcome, detail } of diagnose(
          settings,
          credentials,
          new AbortController().signal,
        )) {
          assert.equal(outcome, 'ok', detail);
          if (name === 'Answering member') found.set(endpoint, detail);
        }
        return servers.map(({ endpoint }) => found.get(endpoint) ?? '');
      };
      const ofRoot = await members(ROOT);
      for (const [index, text] of ofRoot.entries())
        assert.match(text, new RegExp(`^member${index + 1}, (the leader|a follower)$`));
      assert.equal(ofRoot.filter((text) => text.endsWith('the leader')).length, 1);
      const ofUser = await members(user);
      const hidden = ofUser.filter((text) => text.endsWith('etcd does not show this user which member leads'));
      assert.equal(hidden.length, version === '3.5.30' ? 3 : 0, ofUser.join('; '));
    });

    it('have room again after root has compacted, defragmented each of them, and disarmed the alarm', async () => {
      const { admin, store } = await open(ROOT);
      const key = bytes('/app/filling');
      await fillUp(store, key);
      const full = await admin.state();
      assert.ok(full.alarms.kind === 'reported' && full.alarms.alarms.length > 0);
      const ofUser = (await open(user)).admin;
      const seen = flat(clusterRows(await ofUser.state()));
      assert.ok(!seen.some(({ context, severity }) => context.startsWith('member') && severity === 'failed'));

      const { revision } = await store.get(key);
      await admin.compact(revision, true);
      const done: bigint[] = [];
      const order = defragmentOrder(await admin.state());
      for await (const { member, before, after } of defragmentMembers(admin, order)) {
        done.push(member.id);
        assert.ok(before && after && after.size < before.size / 2, inspect({ before, after }));
      }
      assert.equal(done.length, 3);
      assert.equal(done.at(-1), leaderOf(full.members));
      assert.ok((await admin.disarmNoSpace()) > 0);
      await until(async () => {
        const { alarms } = await admin.state();
        return alarms.kind === 'reported' && alarms.alarms.length === 0;
      });
      const { kv } = await store.get(key);
      assert.ok(kv);
      assert.equal((await store.put(key, bytes('small'), { modRevision: kv.modRevision })).outcome, 'written');
    });
  });
}

function flat(rows: readonly ClusterRow[]): ClusterRow[] {
  return rows.flatMap((row) => [row, ...flat(row.rows)]);
}
