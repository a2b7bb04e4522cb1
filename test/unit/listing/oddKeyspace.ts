import { sortedKeys } from './memoryReader.ts';
import type { Random } from './random.ts';

export interface OddKeyspace {
  /** Sorted. */
  readonly keys: readonly string[];
  /** Empty in a flat keyspace. */
  readonly separators: readonly string[];
  /** Prefixes of folders that have keys or could have some. */
  readonly prefixes: readonly [string, ...string[]];
}

const SEPARATORS = [
  ['/'],
  ['/'],
  ['/'],
  ['::'],
  ['\xff'],
  ['\0'],
  ['ab'],
  ['/', ':'],
  ['b', 'ab', ':', '::'],
  [],
] as const;
const ODD_NAMES = [
  '',
  '',
  'foo',
  'foo-bar',
  'foo.x',
  'foo0',
  'foo/',
  '\0',
  '\xff',
  '\xff\xff',
  'é',
  '0',
  'Z',
  ':',
] as const;

/**
 * Creates an unusual keyspace: empty segments, NUL and 0xff bytes, a key and a folder of the same name, crowded places.
 */
export function oddKeyspace(random: Random): OddKeyspace {
  const separators: readonly string[] = random.pick(SEPARATORS);
  const separator = separators[0] ?? '/';
  const name = nameMaker(random);
  const join = (segments: readonly string[]): string =>
    segments.map((segment) => segment + (separators[random.below(separators.length)] ?? separator)).join('');
  const names = (most: number): string[] => Array.from({ length: random.below(most + 1) }, name);
  const folder = join(names(2)) + (random.below(4) === 0 ? separator : '');
  const keys = new Set<string>();
  const add = (key: string): void => void (key !== '' && keys.add(key));
  for (const crowd = random.pick([0, 3, 30, 300, 2000]); keys.size < crowd;) {
    const child = folder + name();
    const below = random.below(6) === 0 ? random.below(200) : random.below(3);
    for (let key = 0; key < below; key++) add(child + separator + join(names(1)) + name());
    if (below === 0 || random.below(4) === 0) add(child);
    add(`${child}${random.below(10_000)}`);
  }
  for (let stray = random.below(20); stray > 0; stray--) add(join(names(3)) + name());
  for (const near of [folder, folder.slice(0, -1), `${folder}\0`, `${folder}\xff`, `${folder.slice(0, -1)}\xff`]) {
    if (random.below(2) === 0) add(near);
  }
  return { keys: sortedKeys(keys), separators, prefixes: [folder, '', separator, folder + separator, join(names(2))] };
}

function nameMaker(random: Random): () => string {
  const letters = random.pick([
    'ab',
    '0123456789',
    '0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz-.',
    '\0/a\xfe\xff',
    'aZ_~',
  ]);
  const longest = 1 + random.below(random.pick([3, 8, 40]));
  return () => {
    if (random.below(8) === 0) return random.pick(ODD_NAMES);
    return Array.from({ length: 1 + random.below(longest) }, () => letters[random.below(letters.length)] ?? '').join(
      '',
    );
  };
}
