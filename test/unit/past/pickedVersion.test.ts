import assert from 'node:assert/strict';
import { pickedVersion } from '../../../src/commands/past/pickedVersion.ts';

describe('a version in the list of a history', () => {
  const bytes = new Uint8Array(1_500_000);
  const kv = { key: Uint8Array.of(97), value: bytes, createRevision: 2n, modRevision: 7n, lease: 0n };
  const entry = { kind: 'version', kv, readAt: 8n } as const;

  it('is only where to read it, so that 500 of them hold no values', () => {
    assert.deepEqual(pickedVersion(entry, false), { modRevision: 7n, readAt: 8n });
  });

  it('is the version itself where etcd returns it only once', () => {
    assert.equal(pickedVersion(entry, true).kv, kv);
  });
});
