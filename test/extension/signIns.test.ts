import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { setConnections } from './settings.ts';

const PASSWORD = 'correct-horse';

describe('sign-ins that failed, when VS Code tells of changed secrets', () => {
  let server: EtcdServer;
  let secrets: MemorySecrets;
  let connections: Connections;
  let credentials: CredentialStore;

  before(async () => {
    server = await startEtcd({ auth: { rootPassword: PASSWORD } });
    await setConnections({ name: 'signed in', endpoints: [server.endpoint], username: 'root' });
  });
  after(async () => {
    await setConnections();
    await server?.stop();
  });
  beforeEach(() => {
    secrets = new MemorySecrets();
    credentials = new CredentialStore(secrets, new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    connections = new Connections({
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
  });
  afterEach(() => connections.dispose());

  /** Returns the only connection, which has failed, and its state after a change of secrets was handled. */
  async function failed() {
    const [connection] = connections.live;
    assert.ok(connection);
    const scope = await connection.credentialScope();
    const afterChange = async (change: () => Promise<void>) => {
      // The store is read once for each change, which is handled at the end of the same turn.
      const { promise, resolve } = Promise.withResolvers<void>();
      const get = secrets.get.bind(secrets);
      secrets.get = async (key) => {
        setImmediate(resolve);
        return await get(key);
      };
      await change();
      await promise;
      return connection.state.kind;
    };
    return { connection, scope, afterChange };
  }

  it('stay as they are where credentials were forgotten', async () => {
    const { connection, scope, afterChange } = await failed();
    await credentials.set(scope, { username: 'root', password: PASSWORD });
    connection.disconnect(new EtcdError('signInNeeded', 'forgotten'));
    assert.equal(await afterChange(() => credentials.forget(connection.profile)), 'failed');
  });

  it('may be tried again where another window stored credentials', async () => {
    const { connection, scope, afterChange } = await failed();
    connection.disconnect(new EtcdError('signInNeeded', 'forgotten'));
    const change = () => credentials.set(scope, { username: 'root', password: PASSWORD });
    assert.equal(await afterChange(change), 'idle');
  });

  it('are no failures where the question was canceled, and may be tried again with stored credentials', async () => {
    const { connection, scope, afterChange } = await failed();
    const canceled = assert.rejects(
      connection.store('interactive'),
      failsAs('cancelled', /password of the etcd user root/),
    );
    const close = setInterval(() => void commands.executeCommand('workbench.action.closeQuickOpen'), 100);
    await canceled.finally(() => clearInterval(close));
    assert.equal(connection.failure?.kind, 'cancelled');
    const change = () => credentials.set(scope, { username: 'root', password: PASSWORD });
    assert.equal(await afterChange(change), 'idle');
  });

  it('stay in sight while what follows etcd tries in the background', async () => {
    const { connection } = await failed();
    connection.disconnect(new EtcdError('signInNeeded', 'forgotten'));
    const failures: unknown[] = [];
    const attempt = connection.store('background');
    failures.push(connection.failure?.message);
    const listener = connection.onDidChangeState(() => failures.push(connection.failure?.message));
    await assert.rejects(attempt);
    listener.dispose();
    assert.deepEqual([...new Set(failures)], ['forgotten']);
  });
});
