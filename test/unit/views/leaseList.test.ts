import assert from 'node:assert/strict';
import { LeaseList } from '../../../src/views/cluster/leaseList.ts';
import type { Leases } from '../../../src/etcd/keyStore.ts';

const ALL = 100_000;
const PAGE = 100;

describe('the leases that the Cluster view shows', () => {
  let asked: bigint[];
  let lists: number;
  const refuse = () => Promise.reject(new Error('Only reading is expected.'));
  const leases: Leases = {
    ...{ grant: refuse, revoke: refuse, keepAlive: refuse, timeToLive: refuse },
    list: async () => {
      lists++;
      return Array.from({ length: ALL }, (_, index) => BigInt(index));
    },
    info: async (id) => {
      asked.push(id);
      return { id, ttl: Number(id) + 1, grantedTtl: ALL, keys: [] };
    },
  };

  beforeEach(() => {
    asked = [];
    lists = 0;
  });

  it('are asked about once, however many pages of 100,000 are shown', async () => {
    const list = new LeaseList();
    for (let page = 1; page <= 5; page++) {
      const found = await list.find(leases);
      assert.deepEqual([found?.infos.length, found?.all], [page * PAGE, ALL]);
      list.more();
    }
    assert.equal(lists, 1);
    assert.deepEqual(
      asked,
      Array.from({ length: 5 * PAGE }, (_, index) => BigInt(index)),
    );
  });

  it('are each asked about once by a filter that few meet', async () => {
    const list = new LeaseList({ secondsLeft: 51 });
    const found = await list.find(leases);
    list.more();
    await list.find(leases);
    assert.equal(found?.infos.length, 50);
    assert.equal(asked.length, ALL);
  });

  it('are read again once they are forgotten, which also ends reading', async () => {
    const list = new LeaseList();
    const ended = list.find(leases);
    list.forget();
    assert.equal(await ended, undefined);
    await list.find(leases);
    list.forget();
    await list.find(leases);
    assert.equal(asked.length, 2 * PAGE);
  });
});
