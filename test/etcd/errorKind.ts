import assert from 'node:assert/strict';
import { EtcdError, type EtcdErrorKind } from '../../src/etcd/errors.ts';

/** Returns a check for `assert.rejects`: an EtcdError of this kind, with a matching message if one is given. */
export function failsAs(kind: EtcdErrorKind, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(EtcdError.is(error), String(error));
    assert.equal(error.kind, kind, error.message);
    if (message) assert.match(error.message, message);
    return true;
  };
}
