import assert from 'node:assert/strict';
import type { Child, ChildListing, KeyStore, PageBeginning } from '../../../src/etcd/keyStore.ts';
import { nameFilter } from '../../../src/etcd/search/nameFilter.ts';
import { listChildren } from '../../../src/etcd/listing/childListing.ts';
import { binary, MemoryReader } from '../listing/memoryReader.ts';
import { nearPace } from '../listing/paces.ts';
import { folders } from '../listing/shapes.ts';

const nameOf = ({ name }: Child) => Buffer.from(name).toString();

function listed(listing: ChildListing, pattern: string): ChildListing {
  const store: Pick<KeyStore, 'listChildren'> = { listChildren: () => listing };
  return nameFilter(pattern).listing(store, binary('/b/'));
}

describe('a filtered listing', () => {
  it('tells early what its first pages begin with, at most as many as are wanted', async () => {
    const { read } = new MemoryReader(folders('/b/', 500, 50));
    const listing = listed(listChildren(read, binary('/b/'), { pace: nearPace }), '*7');
    for (const size of [20, 100]) {
      const told: PageBeginning[] = [];
      const page = await listing.next(size, undefined, (beginning) => told.push(beginning));
      assert.ok(size === 100 || told.length > 1);
      for (const { children, revision } of told) {
        assert.ok(children.length > 0 && children.every((child, at) => child === page.children[at]));
        assert.equal(revision, MemoryReader.revision);
      }
      assert.ok(page.children.every((child) => nameOf(child).endsWith('7')));
      assert.equal(page.children.length, size === 20 ? 20 : 30);
      assert.equal(page.done, size === 100);
    }
  });

  it('forgets what a listing told that had to begin again', async () => {
    const child = (name: string): Child => ({ kind: 'key', name: binary(name), path: binary(`/b/${name}`) });
    const [a, b, c] = [child('a1'), child('b1'), child('c1')];
    const told: string[][] = [];
    const listing: ChildListing = {
      next: async (_size, _signal, begun) => {
        begun?.({ children: [a, b], revision: 1n });
        begun?.({ children: [b], revision: 1n });
        return { children: [b, c], done: true, revision: 1n };
      },
    };
    const page = await listed(listing, '1').next(10, undefined, ({ children }) => told.push(children.map(nameOf)));
    assert.deepEqual(told, [['a1', 'b1'], ['b1']]);
    assert.deepEqual(page.children.map(nameOf), ['b1', 'c1']);
  });
});
