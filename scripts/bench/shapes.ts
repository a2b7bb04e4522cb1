import { folders, kubernetes, leaves, oneGiant, types, uuids } from '../../test/unit/listing/shapes.ts';
import { Random } from '../demo/random.ts';

/** A part of the bench's keyspace, and the folders of it that are listed. */
export interface Shape {
  readonly letter: string;
  readonly keys: (size: number) => string[];
  readonly folders: readonly { readonly path: string; readonly what: string }[];
}

/** @param size number of keys in the largest shapes, a multiple of 10,000 */
export const SHAPES: readonly Shape[] = [
  {
    letter: 'A',
    keys: (size) => types('/a/', 20, 50, size / 1000),
    folders: [
      { path: '/a/', what: '20 large folders, two levels deep' },
      { path: '/a/type05/', what: '50 folders in one of them' },
      { path: '/a/type05/dir-0007/', what: 'the keys of one of these' },
    ],
  },
  {
    letter: 'B',
    keys: (size) => folders('/b/', 1000, size / 1000),
    folders: [{ path: '/b/', what: '1000 folders of equal size' }],
  },
  {
    letter: 'C',
    keys: (size) => folders('/c/', size / 50, 2),
    folders: [{ path: '/c/', what: 'many folders of 2 keys' }],
  },
  {
    letter: 'D',
    keys: (size) => leaves('/d/', size / 10),
    folders: [{ path: '/d/', what: 'keys only' }],
  },
  {
    letter: 'E',
    keys: (size) => shuffled(kubernetes('/e/', size / 94_000, size < 1_000_000 ? 60 : 300)),
    folders: [
      { path: '/e/', what: 'the root of a Kubernetes registry' },
      { path: '/e/pods/', what: 'its pods: namespaces of unequal size' },
      { path: '/e/pods/default/', what: 'the pods of one namespace' },
    ],
  },
  {
    letter: 'F',
    keys: (size) => oneGiant('/f/', 1000, size - 10_000),
    folders: [{ path: '/f/', what: '99 % of the keys in one of 1001 folders' }],
  },
  {
    letter: 'G',
    keys: (size) => uuids('/g/', size / 200, 20),
    folders: [{ path: '/g/', what: 'folders with random names, 20 keys each' }],
  },
];

/** Shuffles keys as a cluster writes them over time: neighbors in the keyspace are far apart in the server's memory. */
function shuffled(keys: string[]): string[] {
  const random = new Random('order of writing');
  for (let at = keys.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [keys[at], keys[other]] = [keys[other] ?? '', keys[at] ?? ''];
  }
  return keys;
}
