import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { eventually, until } from '../eventually.ts';

const KILLS = 50;

for (const version of ['3.4', '3.5'] as const)
  describe(`saves to etcd ${version}`, () => {
    let server: EtcdServer;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' }));
    });
    after(async () => {
      close?.();
      await server?.stop();
    });

    async function valueOf(key: Uint8Array): Promise<string | undefined> {
      return text((await store.get(key)).kv?.value);
    }

    async function create(key: string, value: string): Promise<{ readonly modRevision: bigint }> {
      const result = await store.put(bytes(key), bytes(value), 'absent');
      assert.ok(result.outcome === 'written');
      return result;
    }

    it('do not bring back a key whose lease ended between read and save', async () => {
      const lease = await store.leases?.grant(1);
      assert.ok(lease);
      const key = bytes('/leased');
      const { outcome } = await store.put(key, bytes('read'), 'absent', { lifetime: { lease } });
      assert.equal(outcome, 'written');
      const { kv } = await store.get(key);
      assert.ok(kv);
      await until(async () => (await valueOf(key)) === undefined);
      const result = await store.put(key, bytes('mine'), kv);
      assert.ok(result.outcome === 'conflict' && result.current.kv === undefined);
      assert.equal(await valueOf(key), undefined);
    });

    it('do not take a key that was deleted and created anew for the one that was read', async () => {
      const key = bytes('/recreated');
      await create('/recreated', 'first');
      const { kv: read } = await store.get(key);
      await server.etcdctl(['del', '/recreated']);
      await server.etcdctl(['put', '/recreated', 'second']);
      const { kv: now } = await store.get(key);
      assert.ok(read && now);
      assert.equal(now.version, read.version);
      assert.notEqual(now.createRevision, read.createRevision);
      assert.equal((await store.put(key, bytes('mine'), read)).outcome, 'conflict');
      assert.equal(await valueOf(key), 'second');
    });

    it('of a value over the limit of a request are refused in one sentence and change nothing', async () => {
      const written = await create('/large', 'small');
      const refusal = await store
        .put(bytes('/large'), new Uint8Array(2 * 1024 * 1024), written)
        .catch((error) => error);
      assert.ok(EtcdError.is(refusal, 'requestTooLarge'), String(refusal));
      assert.match(refusal.message, /^The value is larger than .*Nothing was changed\.$|larger/);
      assert.equal(await valueOf(bytes('/large')), 'small');
    });

    it('lose no word of two who write the same key while the server is killed, 15 times', async function () {
      this.timeout('3m');
      const random = new Random(51);
      const key = bytes('/shared');
      const other = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' });
      let isOver = false;
      const acknowledged: string[] = [];
      const append = async (own: KeyStore, name: string): Promise<void> => {
        for (let number = 0; !isOver; number++) {
          const word = `${name}${number}`;
          try {
            const { kv } = await own.get(key);
            const words = kv ? `${text(kv.value)} ${word}` : word;
            if ((await own.put(key, bytes(words), kv ?? 'absent')).outcome === 'written') acknowledged.push(word);
          } catch (error) {
            assert.ok(EtcdError.is(error), String(error));
          }
          await delay(random.below(3));
        }
      };
      const writing = Promise.all([append(store, 'a'), append(other.store, 'b')]);
      for (let kills = 0; kills < 15; kills++) {
        await delay(random.below(60));
        await server.kill();
        await server.restart();
      }
      isOver = true;
      await writing;
      other.close();
      const words = (await eventually(() => valueOf(key)))?.split(' ') ?? [];
      assert.equal(new Set(words).size, words.length);
      assert.deepEqual(
        acknowledged.filter((word) => !words.includes(word)),
        [],
      );
      for (const name of ['a', 'b']) assert.ok(acknowledged.some((word) => word.startsWith(name)));
    });

    it(`lose nothing unreported when the server is killed during them, ${KILLS} times`, async function () {
      this.timeout('5m');
      const random = new Random(50);
      const key = bytes('/killed');
      let expected = await create('/killed', '0');
      let [saved, reported, arrived] = [0, 0, 0];
      let value = 0;
      for (let round = 0; round < KILLS; round++) {
        const saves = saveUntilKilled();
        await delay(random.below(60));
        await server.kill();
        const failed = await saves;
        await server.restart();
        const { kv } = await eventually(() => store.get(key));
        assert.ok(kv);
        // A write without an answer was reported; it is there completely or not at all.
        assert.ok(EtcdError.is(failed));
        reported++;
        if (text(kv.value) === String(value + 1)) {
          arrived++;
          value++;
        }
        assert.equal(text(kv.value), String(value));
        expected = kv;

        async function saveUntilKilled(): Promise<unknown> {
          for (;;)
            try {
              const result = await store.put(key, bytes(String(value + 1)), expected);
              assert.equal(result.outcome, 'written');
              if (result.outcome === 'written') expected = result;
              value++;
              saved++;
            } catch (error) {
              return error;
            }
        }
      }
      if (this.test)
        this.test.title += `: ${saved} saves acknowledged and kept, ${reported} reported as lost, ${arrived} of them had arrived`;
    });
  });
