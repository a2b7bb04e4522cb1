import assert from 'node:assert/strict';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles, type ConnectionSource } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

const PASSWORD = 'correct-horse';
/** Never contacted, so it need not exist. */
const ANNOUNCED = 'http://plain.example:2379';

describe('a connection whose cluster announces another address', () => {
  let server: EtcdServer;
  let consents: Consents;

  before(async () => {
    server = await startEtcd({ auth: { rootPassword: PASSWORD }, extraArgs: [`--advertise-client-urls=${ANNOUNCED}`] });
  });
  after(() => server?.stop());
  beforeEach(() => {
    consents = new Consents(new MemoryState(), new MemoryState());
  });

  async function endpointsOf(source: ConnectionSource): Promise<readonly string[]> {
    const entry = { name: 'synced', endpoints: [server.endpoint], username: 'root', sync: true };
    const [profile] = readProfiles([entry], source);
    assert.ok(profile);
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const services = {
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    };
    const connection = new Connection(profile, services);
    const scope = await connection.credentialScope();
    await credentials.set(scope, { username: 'root', password: PASSWORD });
    await consents.allowContact(profile, scope.origins, scope.identity);
    await connection.store('background');
    const { endpoints } = connection;
    connection.dispose();
    return endpoints;
  }

  it('sends no password there in plain text unless that address was allowed', async () => {
    assert.deepEqual(await endpointsOf('user'), [server.endpoint]);
    await consents.allowPlain([ANNOUNCED]);
    assert.deepEqual(await endpointsOf('user'), [server.endpoint, ANNOUNCED]);
  });

  it('contacts it for no workspace', async () => {
    await consents.allowPlain([ANNOUNCED]);
    assert.deepEqual(await endpointsOf('workspace'), [server.endpoint]);
  });
});
