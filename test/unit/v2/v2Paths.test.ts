import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';
import { directoryPath, keyPath, targetOf } from '../../../src/etcd/v2/v2Paths.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const isUnsupported = (error: unknown) => EtcdError.is(error, 'unsupported');

describe('paths of the v2 API', () => {
  for (const [key, path] of [
    ['/a', '/a'],
    ['/a/b', '/a/b'],
    ['/a b/ä?#%&+', '/a%20b/%C3%A4%3F%23%25%26%2B'],
    ['/%2e%2e/...', '/%252e%252e/...'],
    ['/_hidden/\\..\n', '/_hidden/%5C..%0A'],
  ] as const) {
    it(`escapes ${JSON.stringify(key)} so that a URL leaves it as it is`, () => {
      assert.equal(keyPath(encode(key)), path);
      assert.equal(new URL(`/v2/keys${path}`, 'http://localhost').pathname, `/v2/keys${path}`);
    });
  }

  for (const key of ['', 'a', '/', '//', '//a', '/a/', '/a//b', '/.', '/a/..', '/../a', '/a/./b'])
    it(`refuses ${JSON.stringify(key)} as a key`, () => assert.throws(() => keyPath(encode(key)), isUnsupported));

  it('refuses a key that is no UTF-8', () =>
    assert.throws(() => keyPath(Uint8Array.of(0x2f, 0xff)), /\/\\xff cannot be a key here: .*UTF-8/));

  it('takes a byte order mark for a part of the key', () => assert.equal(keyPath(encode('/\ufeffa')), '/%EF%BB%BFa'));

  it('takes a prefix for a directory', () => {
    assert.equal(directoryPath(encode('/')), '/');
    assert.equal(directoryPath(encode('/a/b c/')), '/a/b%20c');
    for (const prefix of ['/a', 'a/', '/a//', '//'])
      assert.throws(() => directoryPath(encode(prefix)), isUnsupported, prefix);
  });

  it('finds the key or directory that a range means', () => {
    assert.deepEqual(targetOf(singleKeyRange(encode('/a/b'))), { kind: 'key', path: '/a/b' });
    assert.deepEqual(targetOf(prefixRange(encode('/a/'))), { kind: 'directory', path: '/a' });
    assert.deepEqual(targetOf(prefixRange(encode('/'))), { kind: 'directory', path: '/' });
    assert.deepEqual(targetOf(prefixRange(encode(''))), { kind: 'directory', path: '/' });
  });

  it('refuses every other range', () => {
    for (const range of [
      prefixRange(encode('/a')),
      { start: encode('/a'), end: encode('/c') },
      { start: encode('/a/'), end: Uint8Array.of(0) },
      { start: new Uint8Array(), end: new Uint8Array() },
    ])
      assert.throws(() => targetOf(range), isUnsupported);
  });
});
