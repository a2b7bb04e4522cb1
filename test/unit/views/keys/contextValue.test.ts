import assert from 'node:assert/strict';
import type { Capabilities } from '../../../../src/etcd/keyStore.ts';
import { contextValue } from '../../../../src/views/keys/contextValue.ts';

const capabilities: Capabilities = {
  writable: true,
  leases: true,
  emptyFolders: false,
  history: true,
  transactionSteps: 128,
  following: 'watch',
  tellsEnd: true,
};

describe('what menus know of a node', () => {
  const words = (connection: object) =>
    // The function reads only these fields of a connection.
    contextValue('key', { isReadOnly: false, ...connection } as Parameters<typeof contextValue>[1], ['locked']).split(
      ';',
    );

  it('is that a connection may not be written to, also before it is open', () => {
    assert.deepEqual(words({ isReadOnly: true }), ['key', 'locked', 'readOnly']);
    assert.ok(words({ isReadOnly: true, capabilities }).includes('readOnly'));
    assert.ok(words({ capabilities: { ...capabilities, writable: false } }).includes('readOnly'));
    assert.ok(!words({ capabilities }).includes('readOnly'));
    assert.ok(!words({}).includes('readOnly'));
  });

  it('is what the open store can do, and that it shows the past', () => {
    assert.deepEqual(words({ capabilities, revision: 7n }), [...['key', 'locked', 'leases', 'history', 'past']]);
  });
});
