import assert from 'node:assert/strict';
import { readProfiles, type ConnectionSource } from '../../../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../../../src/connections/trust/consents.ts';
import { MemoryState } from '../../../fixtures/vscodeState.ts';

describe('consent to origins that a cluster announces', () => {
  function profile(source: ConnectionSource) {
    return readProfiles([{ name: 'x', endpoints: ['http://127.0.0.1:1'] }], source)[0] ?? assert.fail();
  }

  it('covers plain http with a password only on this machine, or once that address was allowed', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const user = profile('user');
    assert.ok(consents.coversLearned(user, 'http://127.0.0.1:2', true));
    assert.ok(consents.coversLearned(user, 'https://elsewhere:2', true));
    assert.ok(consents.coversLearned(user, 'http://elsewhere:2', false));
    assert.ok(!consents.coversLearned(user, 'http://elsewhere:2', true));
    await consents.allowPlain(['http://elsewhere:2']);
    assert.ok(consents.coversLearned(user, 'http://elsewhere:2', true));
  });

  it('covers none of a workspace’s connection', () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    assert.ok(!consents.coversLearned(profile('workspace'), 'https://elsewhere:2', false));
    assert.ok(!consents.coversLearned(profile('workspace'), 'http://127.0.0.1:2', false));
  });
});
