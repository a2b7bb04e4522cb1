import assert from 'node:assert/strict';
import { serverError } from '../../../src/etcd/v3/transport/serverErrors.ts';

describe('what a server reports about a call that it did not complete', () => {
  for (const [code, message] of [
    [1, 'grpc: the client connection is closing'],
    [4, 'context deadline exceeded'],
    [14, 'upstream connect error'],
  ] as const)
    it(`sends a read elsewhere, and leaves open what became of a write (${message})`, () => {
      const { kind, notCarriedOut } = serverError({ code, message }, 408, 'http://host:2379');
      assert.deepEqual({ kind, notCarriedOut }, { kind: 'unavailable', notCarriedOut: false });
    });
});
