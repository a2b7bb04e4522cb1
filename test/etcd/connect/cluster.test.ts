import assert from 'node:assert/strict';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { connectV3 } from '../../../src/etcd/connect/connectV3.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import type { EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { eventually } from '../eventually.ts';
import { ETCD_SERIES } from '../versions.ts';

const PASSWORD = 'correct-horse';

for (const version of ETCD_SERIES) {
  describe(`three members of etcd ${version} with TLS, users and v2 keys`, () => {
    let tls: Identity;
    let members: EtcdServer[] = [];
    const open: { close: () => void }[] = [];
    const killed: EtcdServer[] = [];

    before(async function () {
      this.timeout('5m');
      tls = await selfSigned({ commonName: 'hosted', names: ['127.0.0.1'] });
      members = await startCluster({ version, tls, auth: { rootPassword: PASSWORD }, extraArgs: ['--enable-v2'] });
    });
    after(() => Promise.all(members.map((member) => member.stop())));
    afterEach(async () => {
      for (const { close } of open.splice(0)) close();
      await Promise.all(killed.splice(0).map((member) => member.restart()));
    });

    async function kill(member: EtcdServer | undefined): Promise<void> {
      assert.ok(member);
      killed.push(member);
      await member.kill();
    }

    function settings(endpoints = members.map(({ endpoint }) => endpoint)) {
      return settingsFor(endpoints, { tls: { certificateAuthorities: [tls.certPem] } });
    }

    async function connect(transport: 'grpc' | 'gateway', more: object = {}) {
      const credentials = { username: 'root', password: PASSWORD };
      const connection = await connectV3({ ...settings(), transport, ...more }, credentials);
      open.push(connection);
      return connection;
    }

    async function leader(): Promise<EtcdServer> {
      for (;;) {
        for (const member of members) {
          const { stdout } = await member.etcdctl(['endpoint', 'status', '--write-out=json']);
          const [status] = stdout === '' ? [] : (JSON.parse(stdout) as [{ Status: Status }]);
          if (status && status.Status.leader === status.Status.header.member_id) return member;
        }
      }
    }

    for (const transport of ['grpc', 'gateway'] as const) {
      it(`goes on by ${transport} with another member when the one in use is killed, with the same sign-in`, async function () {
        this.timeout('5m');
        const connection = await connect(transport);
        const key = bytes(`/failover/${transport}`);
        const first = await connection.store.put(key, bytes('one'), 'absent');
        assert.ok(first.outcome === 'written');
        const inUse = connection.endpoint();
        await kill(members.find(({ endpoint }) => endpoint === inUse));
        const { kv } = await electing(() => connection.store.get(key));
        assert.equal(text(kv?.value), 'one');
        assert.notEqual(connection.endpoint(), inUse);
        const second = await electing(() => connection.store.put(key, bytes('two'), first));
        assert.equal(second.outcome, 'written');
      });

      it(`loses and doubles no write by ${transport} while the leader is killed`, async function () {
        this.timeout('5m');
        const { store } = await connect(transport);
        const key = bytes(`/counter/${transport}`);
        const death = leader().then(kill);
        // Two at a time: each must notice what the other one wrote.
        const [writes] = await Promise.all([
          countUp(store, key, 60),
          countUp((await connect(transport)).store, key, 60),
        ]);
        await death;
        const { kv } = await electing(() => store.get(key));
        assert.equal(text(kv?.value), String(writes));
        assert.equal(kv?.version, BigInt(writes));
      });

      it(`connects by ${transport} with a member down, and learns the members where that is wanted`, async function () {
        this.timeout('5m');
        const [down, up] = members;
        assert.ok(down && up);
        await kill(down);
        const { endpoint } = await electing(() => connect(transport, { endpoints: [down.endpoint, up.endpoint] }));
        assert.equal(endpoint(), up.endpoint);
        const synced = await electing(() => connect(transport, { endpoints: [up.endpoint], sync: true }));
        assert.deepEqual(new Set(synced.endpoints()), new Set(members.map((member) => member.endpoint)));
      });
    }

    it('reads and writes v2 keys whichever member answers', async function () {
      this.timeout('5m');
      for (const { endpoint } of members) {
        const { store, close } = await connectV2(settings([endpoint]));
        open.push({ close });
        const key = bytes('/shared');
        const { kv } = await store.get(key);
        const result = await store.put(key, bytes(endpoint), kv ?? 'absent');
        assert.equal(result.outcome, 'written');
      }
      const { store, close } = await connectV2(settings());
      open.push({ close });
      assert.equal(text((await store.get(bytes('/shared'))).kv?.value), members.at(-1)?.endpoint);
    });
  });
}

interface Status {
  readonly leader: number;
  readonly header: { readonly member_id: number };
}

/** Repeats an action until the members have elected a leader again. */
function electing<T>(action: () => Promise<T>): Promise<T> {
  return eventually(action, 'noLeader', 'unavailable', 'fateUnknown', 'connectionLost');
}

/** Writes 1, 2, 3 …, each by compare-and-swap over the one before; returns how many were certainly written. */
async function countUp(store: KeyStore, key: Uint8Array, last: number): Promise<number> {
  for (;;) {
    const { kv } = await electing(() => store.get(key));
    const now = Number(text(kv?.value) ?? 0);
    assert.equal(BigInt(now), kv?.version ?? 0n);
    if (now >= last) return now;
    await electing(() => store.put(key, bytes(String(now + 1)), kv ?? 'absent'));
  }
}
