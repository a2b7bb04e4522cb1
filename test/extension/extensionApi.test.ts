import assert from 'node:assert/strict';
import { extensions } from 'vscode';
import { EXTENSION_ID } from '../../scripts/package/extensionId.ts';
import { createApi } from '../../src/commands/api/createApi.ts';
import type { EtcdExtension } from '../../src/commands/api/etcdApi.d.ts';
import { Connections } from '../../src/connections/connections.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { ExtensionConsents } from '../../src/connections/trust/extensionConsents.ts';
import { bytes } from '../etcd/connecting.ts';
import { activate, type Example } from '../exampleExtension/extension.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';

/** One of VS Code's own stands for the example, because a browser's VS Code loads only one extension in development. */
const EXAMPLE = 'vscode.json-language-features';
const CONNECTION = 'api';

describe('the API for other extensions', () => {
  let outside: Outside;
  let connections: Connections;
  let extensionConsents: ExtensionConsents;
  let example: Example;
  const opened: string[] = [];

  before(async () => {
    outside = await Outside.connect();
    await outside.put(['/api/a', 'one'], ['/api/b/c', 'three'], ['/other', 'x']);
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT], production: true });
    const extension = extensions.getExtension(EXAMPLE);
    assert.ok(extension);
    example = activate({ extension });
    connections = new Connections({
      credentials: new CredentialStore(new MemorySecrets(), new MemoryState(), ''),
      consents: new Consents(new MemoryState(), new MemoryState()),
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
  });
  beforeEach(() => {
    extensionConsents = new ExtensionConsents(new MemoryState());
  });
  after(async () => {
    connections.dispose();
    await outside.deletePrefix('/api/');
    await outside.deletePrefix('/other');
    outside.close();
    await setConnections();
  });

  function create() {
    const documents = { open: async (_: unknown, key: Uint8Array) => void opened.push(Buffer.from(key).toString()) };
    return createApi({ connections, documents, extensionConsents }, EXAMPLE);
  }

  it('is what activation returns, behind a question', async () => {
    // VS Code refuses the question in tests, so nothing is allowed.
    await assert.rejects(
      example.connect(),
      /refused to show dialog.*Allow the extension vscode\.json-language-features/,
    );
  });

  it('has no other versions, and none for extensions that are not there', async () => {
    const { getApi } = extensions.getExtension<EtcdExtension>(EXTENSION_ID)?.exports ?? {};
    assert.ok(getApi);
    await assert.rejects(getApi(2 as 1, EXAMPLE), /only version 1/);
    await assert.rejects(getApi(1, 'nobody.nothing'), /There is no extension/);
  });

  it('lists and reads', async () => {
    await extensionConsents.allow(EXAMPLE);
    const api = create();
    assert.deepEqual(
      api.connections.map(({ id, name, isProduction, isReadOnly }) => ({ id, name, isProduction, isReadOnly })),
      [{ id: CONNECTION, name: CONNECTION, isProduction: true, isReadOnly: false }],
    );
    assert.deepEqual(await example.countKeys(api, CONNECTION, bytes('/api/')), { keys: 2, bytes: 8 });
    assert.equal(await api.read(CONNECTION, bytes('/api/none')), undefined);
    const { children, more } = await api.list(CONNECTION, bytes('/api/'), { most: 1 });
    assert.deepEqual([children.length, more], [1, true]);
    await assert.rejects(api.read('none', bytes('/api/a')), /no connection "none"/);
  });

  it('watches until it is disposed of', async () => {
    await extensionConsents.allow(EXAMPLE);
    const lines: string[] = [];
    const failures: Error[] = [];
    const watch = example.follow(
      create(),
      CONNECTION,
      bytes('/api/'),
      (line) => void lines.push(line),
      (error) => void failures.push(error),
    );
    // Written again until the watch exists.
    while (lines.length === 0) await outside.put(['/other', 'x'], ['/api/a', 'two']);
    await outside.deletePrefix('/api/a');
    while (!lines.includes('/api/a is gone')) await new Promise(setImmediate);
    assert.ok(lines.every((line) => line === '/api/a = two' || line === '/api/a is gone'));
    watch.dispose();
    assert.deepEqual(failures, []);
  });

  it('opens a key', async () => {
    await extensionConsents.allow(EXAMPLE);
    await create().open(CONNECTION, bytes('/api/a'));
    assert.deepEqual(opened, ['/api/a']);
  });

  it('ends when the user takes it back, also a watch', async () => {
    await extensionConsents.allow(EXAMPLE);
    const api = create();
    const { promise, resolve } = Promise.withResolvers<Error>();
    const lines: string[] = [];
    const watch = example.follow(api, CONNECTION, bytes('/api/'), (line) => void lines.push(line), resolve);
    while (lines.length === 0) await outside.put(['/api/a', 'one']);
    await extensionConsents.revoke(EXAMPLE);
    assert.throws(() => api.connections, /may not read etcd any more/);
    await assert.rejects(api.read(CONNECTION, bytes('/api/a')), /may not read etcd any more/);
    await assert.rejects(api.open(CONNECTION, bytes('/api/a')), /may not read etcd any more/);
    const told = lines.length;
    await outside.put(['/api/a', 'secret']);
    assert.match((await promise).message, /may not read etcd any more/);
    assert.ok(lines.slice(told).every((line) => !line.includes('secret')));
    watch.dispose();
  });

  it('passes no credentials', async () => {
    await extensionConsents.allow(EXAMPLE);
    const [connection] = create().connections;
    const names = ['id', 'isProduction', 'isReadOnly', 'name', 'state'];
    assert.deepEqual(Object.keys(connection ?? {}).toSorted(), names);
  });
});
