import assert from 'node:assert/strict';
import { noV2Error } from '../../../src/etcd/v2/v2Errors.ts';

describe('an etcd without the v2 API', () => {
  for (const [version, expected] of [
    ['3.4.23', /3\.4 and 3\.5 need the flag --enable-v2/],
    ['3.5.30', /3\.4 and 3\.5 need the flag --enable-v2/],
    [undefined, /3\.4 and 3\.5 need the flag --enable-v2/],
    ['3.6.0', /is etcd 3\.6\.0, which no longer has the v2 API/],
    ['3.10.1', /is etcd 3\.10\.1, which no longer has the v2 API/],
  ] as const)
    it(`is told what it can do about it (${version ?? 'of unknown version'})`, () => {
      const error = noV2Error('http://host:2379', version);
      assert.equal(error.kind, 'unsupported');
      assert.match(error.message, expected);
    });
});
