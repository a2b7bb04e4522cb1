import assert from 'node:assert/strict';
import { posix } from 'node:path';
import {
  HEX_SCHEME,
  KEY_SCHEME,
  formUriParts,
  keyAddress,
  keyUriParts,
} from '../../../../src/documents/addresses/keyUri.ts';
import { Random } from '../../listing/random.ts';

const connectionId = 'prod';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const pathOf = (key: Uint8Array): string => keyUriParts({ connectionId, key }).path;

describe('keyUriParts', () => {
  it('gives an ordinary key its own path below its connection', () => {
    assert.deepEqual(keyUriParts({ connectionId, key: utf8('/a/b.json') }), {
      scheme: KEY_SCHEME,
      authority: 'prod',
      path: '/a/b.json',
    });
  });

  const paths: [string, Uint8Array, string][] = [
    ['spaces, percent signs, queries and letters of other scripts', utf8('/a b/%2F?x#y/größe'), '/a b/%2F?x#y/größe'],
    ['the key "/"', utf8('/'), '/~empty'],
    ['a trailing slash', utf8('/a/'), '/a/~empty'],
    ['empty segments', utf8('//a//b'), '/~empty/a/~empty/b'],
    ['dot segments', utf8('/./../.../.a'), '/~2e/~2e~2e/.../.a'],
    ['a key without leading slash', utf8('a/b'), '/~relative/a/b'],
    ['a relative key with a trailing slash', utf8('a/'), '/~relative/a/~empty'],
    ['tildes and backslashes', utf8('/~empty/a\\b/~relative'), '/~7eempty/a~5cb/~7erelative'],
    ['bytes that are no text', Uint8Array.of(0x2f, 0xff, 0x00, 0x2e, 0x6a), '/~ff~00.j'],
    ['control and format characters', utf8('/a\n\u202e'), '/a~0a~e2~80~ae'],
    ['what looks like a drive letter', utf8('/C:/x'), '/C~3a/x'],
    ['other colons', utf8('/ab:/C:/x'), '/ab:/C:/x'],
    ['a relative drive letter', utf8('C:/x'), '/~relative/C:/x'],
  ];
  for (const [what, key, path] of paths) {
    it(`has a path for ${what} and leads back`, () => {
      assert.equal(pathOf(key), path);
      assert.deepEqual(keyAddress(keyUriParts({ connectionId, key })), { connectionId, key });
    });
  }

  it('gives every key one normalized path that leads back to it alone', () => {
    const random = new Random(2);
    const pieces = [
      '/',
      '/',
      '.',
      '~',
      '~empty',
      '~relative',
      '\\',
      'C:',
      ':',
      '%2F',
      'a',
      '?',
      '#',
      ' ',
      'é',
    ] as const;
    const keys = new Map<string, string>();
    for (let run = 0; run < 20_000; run++) {
      const parts = Array.from({ length: random.below(8) }, () =>
        random.below(6) === 0 ? random.bytes(random.below(3)) : utf8(random.pick(pieces)),
      );
      const key = new Uint8Array(Buffer.concat(parts));
      const path = pathOf(key);
      const hex = Buffer.from(key).toString('hex');
      assert.equal(posix.normalize(path), path, hex);
      assert.equal(posix.join('/', path, '.'), path, hex);
      assert.doesNotMatch(path, /^\/[a-z]:|^\/\/|\\/i, hex);
      assert.deepEqual(keyAddress({ scheme: KEY_SCHEME, authority: 'c', path }), { connectionId: 'c', key }, hex);
      assert.equal(keys.get(path) ?? hex, hex, path);
      keys.set(path, hex);
    }
  });
});

describe('formUriParts', () => {
  it('differs from every key’s text address and leads back', () => {
    for (const text of ['/a', '/a.hexdump', 'a/', '/', '/a/.']) {
      const key = utf8(text);
      const parts = formUriParts({ connectionId, key }, 'hex');
      assert.equal(parts.scheme, HEX_SCHEME);
      assert.equal(parts.path, `${pathOf(key)}.hexdump`);
      assert.deepEqual(keyAddress(parts), { connectionId, key });
    }
  });
});

describe('keyAddress', () => {
  it('takes escapes that need not be', () => {
    assert.deepEqual(keyAddress({ scheme: KEY_SCHEME, authority: 'c', path: '/~61\\' })?.key, utf8('/a\\'));
  });

  const others: [string, string, string, string][] = [
    ['the root', 'etcd', 'prod', '/'],
    ['an empty path', 'etcd', 'prod', ''],
    ['no connection', 'etcd', '', '/a'],
    ['another scheme', 'file', 'prod', '/a'],
    ['an empty segment', 'etcd', 'prod', '/a//b'],
    ['a trailing slash', 'etcd', 'prod', '/a/'],
    ['a cut escape', 'etcd', 'prod', '/a~6'],
    ['an escape of capital digits', 'etcd', 'prod', '/a~FF'],
    ['a misplaced mark', 'etcd', 'prod', '/a/~relative/b'],
    ['a mark with nothing behind it', 'etcd', 'prod', '/~relative'],
    ['half of a surrogate pair', 'etcd', 'prod', '/a\ud83d'],
    ['a hex address without its suffix', 'etcd-hex', 'prod', '/a'],
  ];
  for (const [what, scheme, authority, path] of others) {
    it(`finds no key in ${what}`, () => {
      assert.equal(keyAddress({ scheme, authority, path }), undefined);
    });
  }
});
