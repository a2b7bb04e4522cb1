import assert from 'node:assert/strict';
import { EtcdError, type EtcdErrorKind } from '../../../src/etcd/errors.ts';
import { PresentKeys } from '../../../src/etcd/keyFiles/presentKeys.ts';
import { rangeContains } from '../../../src/etcd/keys/ranges.ts';
import type { KeyRange, KeyStore, KeyValue } from '../../../src/etcd/keyStore.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

interface Asked {
  ranges: number;
  single: number;
}

/** A store that has some keys, each with its name as the value. */
function storeOf(names: readonly string[], refusal?: EtcdErrorKind): { store: KeyStore; asked: Asked } {
  const asked: Asked = { ranges: 0, single: 0 };
  const kvs = names.map((name): KeyValue => ({
    key: bytes(name),
    value: bytes(name),
    createRevision: 1n,
    modRevision: 1n,
  }));
  const store = {
    firstKeys: async (range: KeyRange, most: number) => {
      asked.ranges++;
      if (refusal) throw new EtcdError(refusal, 'refused');
      return { kvs: kvs.filter(({ key }) => rangeContains(range, key)).slice(0, most) };
    },
    getMany: async (keys: readonly Uint8Array[]) => {
      asked.single++;
      return { revision: 1n, kvs: keys.map((key) => kvs.find((kv) => Buffer.compare(kv.key, key) === 0)) };
    },
  };
  return { store: store as unknown as KeyStore, asked };
}

async function found(store: KeyStore, names: readonly string[], by = new PresentKeys(store)) {
  const present = await by.read(names.map((name) => bytes(name)));
  return present.map(({ kv }) => kv && Buffer.from(kv.value).toString());
}

describe('the present keys of an import', () => {
  it('are read as one range if they are in order', async () => {
    const { store, asked } = storeOf(['a', 'b', 'bb', 'd', 'e']);
    assert.deepEqual(await found(store, ['a', 'b', 'c', 'd']), ['a', 'b', undefined, 'd']);
    assert.deepEqual(asked, { ranges: 1, single: 0 });
  });

  it('are asked for each if many others lie between them', async () => {
    const between = Array.from({ length: 10 }, (_, at) => `b${at}`);
    const { store, asked } = storeOf(['a', ...between, 'c']);
    assert.deepEqual(await found(store, ['a', 'c']), ['a', 'c']);
    assert.deepEqual(asked, { ranges: 1, single: 1 });
  });

  it('are tried as ranges again after a while, unless they may not be read', async () => {
    for (const [refusal, ranges] of [
      [undefined, 3],
      ['permissionDenied', 1],
    ] as const) {
      const { store, asked } = storeOf(['a', 'a1', 'a2', 'a3', 'b', 'c'], refusal);
      const reader = new PresentKeys(store);
      for (let times = 0; times < 20; times++) assert.deepEqual(await found(store, ['a', 'b'], reader), ['a', 'b']);
      assert.deepEqual(asked, { ranges, single: 20 });
    }
  });

  it('are asked for each if they are not in order', async () => {
    const { store, asked } = storeOf(['a', 'b', 'c']);
    assert.deepEqual(await found(store, ['c', 'a', 'x']), ['c', 'a', undefined]);
    assert.deepEqual(asked, { ranges: 0, single: 1 });
  });

  it('are asked for each if their range may not be read, or is too large', async () => {
    for (const refusal of ['permissionDenied', 'answerTooLarge'] as const) {
      const { store, asked } = storeOf(['a', 'b'], refusal);
      assert.deepEqual(await found(store, ['a', 'b']), ['a', 'b']);
      assert.deepEqual(asked, { ranges: 1, single: 1 });
    }
  });

  it('are not known if the store fails in another way', async () => {
    const { store } = storeOf(['a', 'b'], 'timedOut');
    await assert.rejects(found(store, ['a', 'b']), (error) => EtcdError.is(error, 'timedOut'));
  });
});
