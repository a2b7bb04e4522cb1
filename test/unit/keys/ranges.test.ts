import assert from 'node:assert/strict';
import type { KeyRange } from '../../../src/etcd/keyStore.ts';
import {
  compareKeys,
  prefixEnd,
  prefixRange,
  rangeContains,
  singleKeyRange,
  withoutNested,
} from '../../../src/etcd/keys/ranges.ts';
import { Random } from '../listing/random.ts';

const key = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const range = (start: string, end: string): KeyRange => ({ start: key(start), end: key(end) });

describe('prefixEnd', () => {
  const ends: [string, string][] = [
    ['/a/', '/a0'],
    ['a', 'b'],
    ['a\xff', 'b'],
    ['a\xfe\xff\xff', 'a\xff'],
    ['\0', '\x01'],
    ['\xff\xff', '\0'],
    ['', '\0'],
  ];
  for (const [prefix, end] of ends) {
    it(`of ${JSON.stringify(prefix)} is ${JSON.stringify(end)}`, () => {
      const given = key(prefix);
      assert.deepEqual(prefixEnd(given), key(end));
      assert.deepEqual(given, key(prefix));
    });
  }
});

describe('prefixRange', () => {
  it('leaves the prefix as it is, also where that is a Buffer, whose slices share its memory', () => {
    const prefix = Buffer.from('/a/');
    assert.equal(Buffer.from(prefixRange(prefix).end).toString(), '/a0');
    assert.equal(prefix.toString(), '/a/');
  });

  it('of an empty prefix is the whole keyspace', () => {
    assert.deepEqual(prefixRange(key('')), range('\0', '\0'));
  });

  it('contains exactly the keys that begin with the prefix', () => {
    const random = new Random(2);
    const bytes = ['\0', '/', 'a', '\xfe', '\xff'] as const;
    const word = (shortest: number): string =>
      Array.from({ length: shortest + random.below(4) }, () => random.pick(bytes)).join('');
    for (let run = 0; run < 5000; run++) {
      const [prefix, other] = [word(0), word(1)];
      assert.equal(rangeContains(prefixRange(key(prefix)), key(other)), other.startsWith(prefix), `${prefix} ${other}`);
    }
  });
});

describe('singleKeyRange', () => {
  it('contains the key and not its neighbours', () => {
    const single = singleKeyRange(key('a'));
    assert.deepEqual(single, range('a', 'a\0'));
    assert.deepEqual(
      ['', 'a', 'a\0', 'b'].map((other) => rangeContains(single, key(other))),
      [false, true, false, false],
    );
  });

  it('refuses the empty key, whose range would be the whole keyspace', () => {
    assert.throws(() => singleKeyRange(key('')), RangeError);
  });
});

describe('compareKeys', () => {
  it('orders by unsigned bytes, a prefix first', () => {
    const sorted = ['', '\0', 'a', 'a\0', 'a/', 'b', '\x80', '\xff'].map(key);
    assert.deepEqual(sorted.toReversed().toSorted(compareKeys), sorted);
  });
});

describe('withoutNested', () => {
  const cases: [string, KeyRange[], KeyRange[]][] = [
    ['sorts what is apart', [range('c', 'd'), range('a', 'b')], [range('a', 'b'), range('c', 'd')]],
    ['drops a key in a folder', [range('a/b', 'a/b\0'), range('a/', 'a0')], [range('a/', 'a0')]],
    ['drops the shorter of two with one start', [range('a', 'b'), range('a', 'c')], [range('a', 'c')]],
    ['drops the later of two with one end', [range('b', 'c'), range('a', 'c')], [range('a', 'c')]],
    ['drops repetitions', [range('a', 'b'), range('a', 'b')], [range('a', 'b')]],
    [
      'drops all within the whole keyspace',
      [range('a', 'b'), range('\0', '\0'), range('z', '\0')],
      [range('\0', '\0')],
    ],
    ['keeps partial overlaps', [range('b', 'd'), range('a', 'c')], [range('a', 'c'), range('b', 'd')]],
    [
      'keeps an endless range beside one that ends',
      [range('b', '\0'), range('a', 'c')],
      [range('a', 'c'), range('b', '\0')],
    ],
    ['drops empty ranges', [range('b', 'b'), range('c', 'a')], []],
  ];
  for (const [what, given, expected] of cases) {
    it(what, () => {
      assert.deepEqual(withoutNested(given), expected);
    });
  }
});
