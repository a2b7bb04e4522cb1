import assert from 'node:assert/strict';
import { readProfiles, type ConnectionSource } from '../../../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../../../src/connections/trust/consents.ts';
import { MemoryState } from '../../../fixtures/vscodeState.ts';

describe('consent to the addresses of a workspace', () => {
  const ORIGINS = ['http://127.0.0.1:1'];
  const withMetrics = (metricsUrl: string | readonly string[] | undefined, more: object = {}) =>
    readProfiles([{ name: 'x', endpoints: ORIGINS, metricsUrl, ...more }], 'workspace')[0] ?? assert.fail();

  it('covers the addresses of its metrics only if they were there when it was given', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    await consents.allowContact(withMetrics(undefined), ORIGINS, {});
    assert.ok(consents.mayContact(withMetrics(undefined), ORIGINS, {}));
    assert.ok(!consents.mayContact(withMetrics('http://elsewhere:1'), ORIGINS, {}));
    await consents.allowContact(withMetrics('http://elsewhere:1'), ORIGINS, {});
    assert.ok(consents.mayContact(withMetrics(['http://elsewhere:1/metrics']), ORIGINS, {}));
    assert.ok(!consents.mayContact(withMetrics('http://elsewhere:2'), ORIGINS, {}));
    assert.ok(!consents.mayContact(withMetrics(undefined), [...ORIGINS, 'http://elsewhere:1'], {}));
  });

  it('is asked for before files are read, and again for other addresses', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const more = { caFile: '/ca.crt' };
    await consents.allowFiles(withMetrics('http://elsewhere:1', more), ORIGINS);
    assert.ok(consents.mayReadFiles(withMetrics('http://elsewhere:1', more), ORIGINS));
    assert.ok(!consents.mayReadFiles(withMetrics('http://elsewhere:2', more), ORIGINS));
  });
});

describe('consent to the tunnel of a workspace', () => {
  const ORIGINS = ['http://127.0.0.1:1'];
  const withTunnel = (tunnel?: object) =>
    readProfiles([{ name: 'x', endpoints: ORIGINS, caFile: '/ca.crt', ...(tunnel && { tunnel }) }], 'workspace')[0] ??
    assert.fail();

  it('covers exactly that tunnel, and not the same endpoints without one', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const [none, one, other] = [withTunnel(), withTunnel({ ssh: 'me@one' }), withTunnel({ ssh: 'me@other' })];
    await consents.allowContact(one, ORIGINS, {});
    await consents.allowFiles(one, ORIGINS);
    assert.ok(consents.mayContact(one, ORIGINS, {}) && consents.mayReadFiles(one, ORIGINS));
    for (const each of [none, other])
      assert.ok(!consents.mayContact(each, ORIGINS, {}) && !consents.mayReadFiles(each, ORIGINS));
  });
});

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
