import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { defragmentMembers, defragmentOrder } from '../../../src/etcd/cluster/defragmentation.ts';
import { figuresOf } from '../../../src/etcd/cluster/figures.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { ClusterAdmin, MemberState, MemberStatus } from '../../../src/etcd/cluster/clusterAdmin.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';
import { ALL_VERSIONS_AND_TRANSPORTS, skipIfUnavailable } from '../versions.ts';
import { addUser, Opener, PASSWORD, ROOT, fillUp } from './clusters.ts';

const MEGABYTE = 1024 * 1024;
const QUOTA = 4 * MEGABYTE;

/** Returns the only member and its status. */
async function only(admin: ClusterAdmin): Promise<{ member: MemberState; status: MemberStatus }> {
  const { members } = await admin.state();
  const [member] = members;
  assert.equal(members.length, 1);
  assert.ok(member?.answer.kind === 'answered' && member.answer.status, inspect(member?.answer));
  return { member, status: member.answer.status };
}

/** Writes a key, whatever was there before. */
async function put(store: KeyStore, key: Uint8Array, value: Uint8Array): Promise<void> {
  const { kv } = await store.get(key);
  const { outcome } = await store.put(key, value, kv ? { modRevision: kv.modRevision } : 'absent');
  assert.equal(outcome, 'written');
}

for (const { version, transport } of ALL_VERSIONS_AND_TRANSPORTS) {
  describe(`one member of etcd ${version} operated by ${transport}`, function () {
    this.timeout('1m');
    const opener = new Opener();
    let server: EtcdServer;
    let folder: string;

    before(async function () {
      this.timeout('2m');
      await skipIfUnavailable(this, version);
      folder = await mkdtemp(join(tmpdir(), 'etcd-snapshots-'));
      server = await startEtcd({
        version,
        auth: { rootPassword: PASSWORD },
        extraArgs: ['--quota-backend-bytes', String(QUOTA)],
      });
    });
    after(async () => {
      await server?.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });
    afterEach(() => opener.close());

    it('tells every figure of itself', async () => {
      const { admin } = await opener.open([server], transport, ROOT);
      const { member, status } = await only(admin);
      assert.equal(member.name, 'etcd');
      assert.equal(member.isLearner, false);
      assert.equal(status.version, server.version);
      assert.equal(status.leader, member.id);
      assert.equal(status.quota, QUOTA);
      assert.ok(status.size > 0 && status.sizeInUse > 0 && status.sizeInUse <= status.size, inspect(status.size));
      assert.ok(status.raftTerm > 0n && status.raftIndex > 0n && status.raftAppliedIndex > 0n && status.revision > 0n);
      assert.deepEqual(status.errors, []);
      assert.ok(member.answer.kind === 'answered' && member.answer.health.kind === 'healthy');
      assert.ok(member.answer.health.milliseconds > 0);
    });

    it('makes figures of its metrics, which agree with what was done', async () => {
      const { admin, store } = await opener.open([server], transport, ROOT);
      const { member } = await only(admin);
      const { keys } = await store.count([prefixRange(new Uint8Array())]);
      const figures = figuresOf(await admin.metrics(member));
      const texts = new Map(figures.map(({ id, text }) => [id, text]));
      assert.equal(texts.get('leader'), 'yes');
      assert.equal(texts.get('keys'), String(keys));
      for (const id of ['sync', 'commit']) assert.match(texts.get(id) ?? '', /^(SLOW: )?[\d.,]+ ms \(healthy below/);
      for (const id of [
        'calls',
        'files',
        'memory',
        'started',
        'watchers',
        'appliedProposals',
        'failedProposals',
        'pendingEvents',
      ])
        assert.ok(texts.has(id), id);
      assert.equal(new Set(figures.map(({ id }) => id)).size, figures.length);
    });

    it('tells which member answers', async () => {
      const { admin } = await opener.open([server], transport, ROOT);
      const { member } = await only(admin);
      assert.deepEqual(await admin.answering(), { id: member.id, name: 'etcd', isLeader: true });
    });

    it('says what a user may not know, and does not call it unhealthy', async () => {
      const reader = await addUser(server, 'reader');
      const { admin } = await opener.open([server], transport, reader);
      const { members } = await admin.state();
      const [member] = members;
      assert.equal(members.length, 1);
      assert.ok(member?.answer.kind === 'answered');
      assert.equal(member.answer.health.kind, 'healthy');
      await assert.rejects(
        admin.defragment(member),
        (error) => EtcdError.is(error, 'permissionDenied') && error.notCarriedOut,
      );
      await assert.rejects(
        admin.saveSnapshot(member, join(folder, 'denied.db'), () => undefined),
        (error) => EtcdError.is(error, 'permissionDenied'),
      );
      assert.deepEqual(await readdir(folder), []);
    });

    it('writes nothing where that is not allowed', async () => {
      const { admin } = await opener.open([server], transport, ROOT, true);
      const { member } = await only(admin);
      assert.equal(admin.canWrite, false);
      const refused = (error: unknown) => EtcdError.is(error, 'readOnly');
      await assert.rejects(admin.compact(1n, false), refused);
      await assert.rejects(admin.defragment(member), refused);
      await assert.rejects(admin.disarmNoSpace(), refused);
      await assert.rejects(admin.addMember(['http://127.0.0.1:1'], { isLearner: true }), refused);
      await assert.rejects(admin.promote(member), refused);
      await assert.rejects(admin.updateMember(member, ['http://127.0.0.1:1']), refused);
      await assert.rejects(admin.removeMember(member), refused);
      await assert.rejects(admin.moveLeader(member), refused);
    });

    it('saves a snapshot that has its hash, whole or not at all', async () => {
      const { admin, store } = await opener.open([server], transport, ROOT);
      const value = new Uint8Array(500_000).fill(7);
      await store.put(bytes('/app/large'), value, 'absent');
      const { member } = await only(admin);
      const path = join(folder, 'saved.db');
      const told: { written: number; total: number }[] = [];
      await admin.saveSnapshot(member, path, (done) => told.push(done));
      const saved = await readFile(path);
      const hash = createHash('sha256').update(saved.subarray(0, -32)).digest();
      assert.deepEqual(saved.subarray(-32), hash);
      assert.ok(saved.includes(Buffer.from(value.subarray(0, 1000))));
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.ok(told.length > 5);
      assert.equal(told.at(-1)?.written, saved.length);

      const abort = new AbortController();
      const aborted = admin.saveSnapshot(member, join(folder, 'aborted.db'), () => abort.abort(), abort.signal);
      await assert.rejects(aborted, (error) => EtcdError.is(error, 'cancelled'));
      assert.deepEqual(await readdir(folder), ['saved.db']);
    });

    it('makes room again when its database is full', async function () {
      this.timeout('2m');
      const { admin, store } = await opener.open([server], transport, ROOT);
      const key = bytes('/app/filling');
      await fillUp(store, key);
      const full = await admin.state();
      assert.deepEqual(full.alarms, {
        kind: 'reported',
        alarms: [{ memberId: full.members[0]?.id, kind: 'NOSPACE' }],
      });
      const { status } = await only(admin);
      assert.ok(
        status.errors.some((error) => error.includes('NOSPACE')),
        status.errors.join(' '),
      );

      await admin.compact(status.revision, true);
      await assert.rejects(store.get(key, { revision: status.revision - 1n }), (error) =>
        EtcdError.is(error, 'compacted'),
      );
      const steps = [];
      for await (const step of defragmentMembers(admin, defragmentOrder(await admin.state()))) steps.push(step);
      const [step] = steps;
      assert.equal(steps.length, 1);
      assert.ok(step?.before && step.after && step.after.size < step.before.size / 2, inspect(step?.after?.size));
      assert.equal(await admin.disarmNoSpace(), 1);
      assert.equal(await admin.disarmNoSpace(), 0);
      assert.deepEqual((await admin.state()).alarms, { kind: 'reported', alarms: [] });
      await put(store, key, bytes('small'));
    });

    it('refuses to compact what is compacted, and what is not there yet', async () => {
      const { admin } = await opener.open([server], transport, ROOT);
      const { status } = await only(admin);
      await admin.compact(status.revision, false);
      await assert.rejects(admin.compact(status.revision, false), (error) => EtcdError.is(error, 'compacted'));
      await assert.rejects(admin.compact(status.revision + 100n, false), (error) =>
        EtcdError.is(error, 'futureRevision'),
      );
    });

    it('hashes what it holds', async () => {
      const { admin } = await opener.open([server], transport, ROOT);
      const { member } = await only(admin);
      const { revision, answers } = await admin.hashes([member]);
      const answer = answers.get(member.id);
      assert.ok(revision > 0n);
      if (version === '3.4' && transport === 'gateway')
        assert.ok(answer?.kind === 'failed' && answer.error.kind === 'unsupported', inspect(answer));
      else assert.ok(answer?.kind === 'hashed' && answer.hash.hash > 0);
    });
  });
}
