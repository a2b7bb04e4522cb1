import assert from 'node:assert/strict';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { bytes } from '../etcd/connecting.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { passOn, startStandIn, type StandIn } from '../etcd/standIn.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

const PASSWORD = 'correct-horse';

/** Treats this machine as another one, because tests have no other. */
class AnotherMachine extends Consents {
  override plainOriginsToAsk(origins: readonly string[]): string[] {
    const named = origins.map((origin) => origin.replace('127.0.0.1', 'etcd.example'));
    return super.plainOriginsToAsk(named);
  }
}

describe('a password for plain http on another machine', () => {
  let server: EtcdServer;
  let standIn: StandIn;
  let connection: Connection;
  let consents: AnotherMachine;

  before(async () => {
    server = await startEtcd({ auth: { rootPassword: PASSWORD } });
  });
  after(() => server?.stop());
  beforeEach(async () => {
    standIn = await startStandIn((received, response) => passOn(server.endpoint, received, response));
    consents = new AnotherMachine(new MemoryState(), new MemoryState());
    const entry = { name: 'far', endpoints: [standIn.endpoint], username: 'root', transport: 'gateway' };
    const [profile] = readProfiles([entry], 'user');
    assert.ok(profile);
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    connection = new Connection(profile, {
      ...{ credentials, consents, offerTrust: () => undefined, logRequest: () => undefined, tunnelGuard: '' },
    });
    await credentials.set(await connection.credentialScope(), { username: 'root', password: PASSWORD });
  });
  afterEach(async () => {
    connection.dispose();
    await standIn.close();
  });

  it('is not sent in the background, nor is anything else, as long as nobody has allowed it', async () => {
    for (let tries = 0; tries < 2; tries++)
      await assert.rejects(connection.store('background'), failsAs('configuration', /in plain text/));
    assert.deepEqual(standIn.received, []);
  });

  it('is sent once that is allowed', async () => {
    await consents.allowPlain([standIn.endpoint.replace('127.0.0.1', 'etcd.example')]);
    const store = await connection.store('background');
    assert.equal((await store.get(bytes('/far'))).kv, undefined);
    assert.ok(standIn.received.some(({ body }) => body.includes(PASSWORD)));
  });
});
