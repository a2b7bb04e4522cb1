import assert from 'node:assert/strict';
import type { ConnectionProfile } from '../../../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../../../src/connections/trust/consents.ts';
import { CredentialStore, type CredentialScope } from '../../../../src/connections/trust/credentialStore.ts';
import { selfSigned } from '../../../fixtures/certificates.ts';
import { MemorySecrets, MemoryState } from '../../../fixtures/vscodeState.ts';

const CREDENTIALS = { username: 'root', password: 'secret' };

let pem: string;
let otherPem: string;
before(async () => {
  pem = (await selfSigned({ commonName: 'one' })).certPem;
  otherPem = (await selfSigned({ commonName: 'two' })).certPem;
});

function profile(changes: Partial<ConnectionProfile> = {}): ConnectionProfile {
  return { id: 'prod', source: 'user', settings: { name: 'prod', endpoints: ['https://h:1'] }, ...changes };
}

function scope(changes: Partial<CredentialScope> = {}): CredentialScope {
  return { profile: profile(), origins: ['https://h:1'], identity: { certificateAuthorities: [pem] }, ...changes };
}

describe('CredentialStore', () => {
  let secrets: MemorySecrets;
  let index: MemoryState;
  let store: CredentialStore;
  beforeEach(async () => {
    secrets = new MemorySecrets();
    index = new MemoryState();
    store = new CredentialStore(secrets, index, 'file:///workspace');
    await store.set(scope(), CREDENTIALS);
  });

  it('gives the credentials back for exactly the connection they were stored for', async () => {
    assert.deepEqual(await store.get(scope()), CREDENTIALS);
    const elsewhere: readonly CredentialScope[] = [
      scope({ origins: ['https://other:1'] }),
      scope({ origins: ['https://h:2'] }),
      scope({ origins: ['http://h:1'] }),
      scope({ origins: ['https://h:1', 'https://added:1'] }),
      scope({ identity: {} }),
      scope({ identity: { certificateAuthorities: [otherPem] } }),
      scope({ identity: { certificateAuthorities: [pem, otherPem] } }),
      scope({ identity: { certificateAuthorities: [pem], serverName: 'other' } }),
      scope({ profile: profile({ id: 'other' }) }),
      scope({ profile: profile({ source: 'workspace' }) }),
    ];
    for (const each of elsewhere) assert.equal(await store.get(each), undefined, JSON.stringify(each.origins));
  });

  it('does not depend on the order of endpoints, nor on how the certificate is written', async () => {
    await store.set(scope({ origins: ['https://a:1', 'https://b:1'] }), CREDENTIALS);
    const rewritten = scope({
      origins: ['https://b:1', 'https://a:1'],
      identity: { certificateAuthorities: [`\n${pem}\n`] },
    });
    assert.deepEqual(await store.get(rewritten), CREDENTIALS);
  });

  it('gives nothing when the settings name another user by now', async () => {
    const settings = { name: 'prod', endpoints: ['https://h:1'], username: 'somebody-else' };
    assert.equal(await store.get(scope({ profile: profile({ settings }) })), undefined);
  });

  it("keeps the users of v2 keys apart from those of the v3 keys beside them, and tries v3's until there are any", async () => {
    const v2 = { username: 'old-root', password: 'old-secret' };
    const named = profile({ settings: { name: 'prod', endpoints: ['https://h:1'], username: 'root' } });
    const besideV3 = { profile: named, besideV3: true };
    assert.deepEqual(await store.get(scope(besideV3)), CREDENTIALS);
    await store.set(scope(besideV3), v2);
    assert.deepEqual(await store.get(scope(besideV3)), v2);
    assert.deepEqual(await store.get(scope({ profile: named })), CREDENTIALS);
    assert.equal(await store.get(scope({ ...besideV3, origins: ['https://other:1'] })), undefined);
    await store.forget(named);
    assert.equal(await store.get(scope(besideV3)), undefined);
  });

  it("shares nothing between two workspaces' connections of the same name", async () => {
    const inWorkspace = scope({ profile: profile({ source: 'workspace' }) });
    await store.set(inWorkspace, CREDENTIALS);
    assert.deepEqual(await store.get(inWorkspace), CREDENTIALS);
    assert.equal(await new CredentialStore(secrets, index, 'file:///other').get(inWorkspace), undefined);
  });

  it('forgets what was stored for earlier endpoints too, and nothing of others', async () => {
    await store.set(scope({ origins: ['https://new:1'] }), CREDENTIALS);
    const other = scope({ profile: profile({ id: 'other' }) });
    await store.set(other, CREDENTIALS);
    await store.forget(profile());
    assert.equal(secrets.stored.size, 1);
    assert.deepEqual(await store.get(other), CREDENTIALS);
  });

  it("gives a key's passphrase back for exactly the connection, key and endpoints it was given for", async () => {
    const settings = { name: 'prod', endpoints: ['https://h:1'], certFile: '/c', keyFile: '/k' };
    const ours = profile({ settings });
    await store.setPassphrase(ours, ['https://h:1', 'https://i:1'], 'open sesame');
    assert.equal(await store.passphrase(ours, ['https://i:1', 'https://h:1']), 'open sesame');
    const elsewhere: readonly (readonly [ConnectionProfile, readonly string[]])[] = [
      [ours, ['https://h:1']],
      [ours, ['https://h:1', 'https://other:1']],
      [ours, ['https://h:1', 'https://i:1', 'https://j:1']],
      [profile({ settings: { ...settings, keyFile: '/other' } }), ['https://h:1', 'https://i:1']],
      [profile({ settings, id: 'other' }), ['https://h:1', 'https://i:1']],
      [profile({ settings, source: 'workspace' }), ['https://h:1', 'https://i:1']],
    ];
    for (const [each, origins] of elsewhere) assert.equal(await store.passphrase(each, origins), undefined);
    await store.forget(ours);
    assert.equal(await store.passphrase(ours, ['https://h:1', 'https://i:1']), undefined);
    assert.equal(secrets.stored.size, 0);
  });

  it('keeps the password nowhere but in the secret storage', () => {
    for (const key of index.keys()) assert.doesNotMatch(JSON.stringify(index.get(key)), /secret|root/);
    for (const key of secrets.stored.keys()) assert.doesNotMatch(key, /secret|root|prod/);
  });
});

describe('Consents', () => {
  it("lets a workspace's connection be contacted only as it was allowed", async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const ours = profile({ source: 'workspace' });
    const identity = { certificateAuthorities: [pem] };
    assert.equal(consents.mayContact(profile(), ['https://h:1'], identity), true);
    assert.equal(consents.mayContact(ours, ['https://h:1'], identity), false);
    await consents.allowContact(ours, ['https://h:1'], identity);
    assert.equal(consents.mayContact(ours, ['https://h:1'], identity), true);
    assert.equal(consents.mayContact(ours, ['https://h:2'], identity), false);
    assert.equal(consents.mayContact(ours, ['https://h:1'], {}), false);
  });

  it('lets no file that a workspace names be read before its connection was allowed', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const { settings } = profile();
    const named = (caFile: string) => profile({ source: 'workspace', settings: { ...settings, caFile } });
    assert.equal(consents.mayReadFiles(profile({ settings: { ...settings, caFile: '/a' } }), ['https://h:1']), true);
    assert.equal(consents.mayReadFiles(profile({ source: 'workspace' }), ['https://h:1']), true);
    assert.equal(consents.mayReadFiles(named('/a'), ['https://h:1']), false);
    await consents.allowFiles(named('/a'), ['https://h:1']);
    assert.equal(consents.mayReadFiles(named('/a'), ['https://h:1']), true);
    assert.equal(consents.mayReadFiles(named('/b'), ['https://h:1']), false);
    assert.equal(consents.mayReadFiles(named('/a'), ['https://h:2']), false);
    assert.equal(consents.takeAnswer(named('/a'), ['https://h:1']), true);
    assert.equal(consents.takeAnswer(named('/a'), ['https://h:1']), false);
  });

  it('asks before a password goes to another machine in plain text', async () => {
    const consents = new Consents(new MemoryState(), new MemoryState());
    const local = ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1', 'http://127.8.9.1:1', 'https://h:1'];
    assert.deepEqual(consents.plainOriginsToAsk(local), []);
    const remote = ['http://h:1', 'http://127.0.0.1.example.com:1', 'http://localhost.example.com:1'];
    assert.deepEqual(consents.plainOriginsToAsk(remote), remote);
    await consents.allowPlain(['http://h:1']);
    assert.deepEqual(consents.plainOriginsToAsk(remote), remote.slice(1));
  });
});
