import assert from 'node:assert/strict';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { foldersFirst, type Offer } from '../../../src/etcd/listing/foldersFirst.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, text } from '../connecting.ts';
import { Stores } from '../transfer/transferring.ts';

describe('offering the children of a level, folders first', () => {
  let server: EtcdServer;
  let store: KeyStore;
  const stores = new Stores();
  const { signal } = new AbortController();

  before(async function () {
    this.timeout('5m');
    server = await startEtcd();
    store = await stores.of(server);
    await fill(Array.from({ length: 30_000 }, (_, index) => `/level/key ${String(index).padStart(5, '0')}`));
    await fill(['/level/a folder/k', '/level/key 15000 and/k', '/level/z folder/k']);
    await fill(Array.from({ length: 150 }, (_, index) => `/folders/${String(index).padStart(3, '0')}/k`));
    await fill(['/folders/key', '/few/b', '/few/c/k']);
  });
  after(async () => {
    stores.close();
    await server?.stop();
  });

  async function fill(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += 128)
      await store.transact(
        keys
          .slice(at, at + 128)
          .map((key) => ({ kind: 'put', key: bytes(key), value: bytes('v'), expected: 'absent' })),
      );
  }

  async function offers(prefix: string): Promise<Offer[]> {
    const all: Offer[] = [];
    for await (const offer of foldersFirst(store.listChildren(bytes(prefix)), signal)) all.push(offer);
    return all;
  }

  function folders({ children }: Offer): (string | undefined)[] {
    return children.filter(({ kind }) => kind === 'folder').map(({ path }) => text(path));
  }

  it('shows a small level whole, in one offer', async () => {
    const [only, ...others] = await offers('/few/');
    assert.deepEqual(
      only?.children.map(({ path }) => text(path)),
      ['/few/c/', '/few/b'],
    );
    assert.deepEqual([only?.isAll, others.length], [true, 0]);
  });

  it('shows the first page of a large level at once, and then every folder of it before 100 of its 30,000 keys', async () => {
    const all = await offers('/level/');
    const [first, last] = [all[0], all.at(-1)];
    assert.ok(first && last);
    assert.deepEqual(folders(first), ['/level/a folder/']);
    assert.deepEqual(folders(last), ['/level/a folder/', '/level/key 15000 and/', '/level/z folder/']);
    assert.deepEqual([last.children.length, last.isAll], [103, false]);
    assert.deepEqual(last.children.map(({ kind }) => kind).indexOf('key'), 3, 'keys come after the folders');
  });

  it('is satisfied by 100 folders', async () => {
    const last = (await offers('/folders/')).at(-1);
    assert.equal(last && folders(last).length, 100);
    assert.equal(last?.isAll, false);
  });
});
