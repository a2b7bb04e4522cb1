import assert from 'node:assert/strict';
import { commands, Uri } from 'vscode';
import { pickFromHistory } from '../../src/commands/past/historyPick.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { Connections } from '../../src/connections/connections.ts';
import { KeyWatch } from '../../src/connections/following/keyWatch.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { ImportSession } from '../../src/documents/import/importSession.ts';
import { keyHistory } from '../../src/etcd/past/keyHistory.ts';
import { Comparison } from '../../src/views/comparison/comparison.ts';
import { KeyTree } from '../../src/views/keys/keyTree.ts';
import { KeySearch } from '../../src/views/search/keySearch.ts';
import { bytes } from '../etcd/connecting.ts';
import { until } from '../etcd/eventually.ts';
import { assertHolds } from '../etcd/heldMemory.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';
import { wholeLevel } from './wholeLevel.ts';

const KEYS = 80;
/** Bytes of a value: all values of a folder are far more than a view may keep besides what it shows. */
const LARGE = 200_000;

describe('the memory of views', () => {
  let outside: Outside;
  let connections: Connections;
  let connection: Connection;
  let written = 0;

  before(async function () {
    this.timeout('5m');
    outside = await Outside.connect();
    for (const folder of ['left', 'right', 'watched']) await putAll(folder);
    await setConnections({ name: 'memory', endpoints: [ENDPOINT] });
    const credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), '');
    const consents = new Consents(new MemoryState(), new MemoryState());
    connections = new Connections({
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
    const [only] = connections.all;
    assert.ok(only);
    connection = only;
    await connection.store('interactive');
  });
  after(async () => {
    connections.dispose();
    await outside.deletePrefix('/memory/');
    outside.close();
    await setConnections();
  });

  /** Gives each key of a folder another value, which nothing shares. */
  async function putAll(folder: string): Promise<void> {
    for (let at = 0; at < KEYS; at++)
      await outside.put([`/memory/${folder}/${at}`, new Uint8Array(LARGE).fill(97 + (written++ % 23))]);
  }

  const settle = async () => await (await connection.store('interactive')).get(bytes('/memory'));

  it('has no values in the list of a key’s versions', async function () {
    this.timeout('2m');
    const key = bytes('/memory/versions');
    for (let at = 0; at < KEYS; at++) await outside.put([key, new Uint8Array(LARGE).fill(97 + (written++ % 23))]);
    const store = await connection.store('interactive');
    let isOpen = true;
    let answer: Promise<unknown> | undefined;
    await assertHolds(0, settle, async () => {
      const listed = Promise.withResolvers<void>();
      const entries = async function* entries(signal: AbortSignal) {
        yield* keyHistory(store, key, signal);
        listed.resolve();
      };
      const looks = { title: 'history', newest: 'now', isReadOnly: true, canBrowse: false };
      answer = pickFromHistory({ ...looks, entries }).finally(() => (isOpen = false));
      await listed.promise;
      return [answer];
    });
    assert.ok(isOpen);
    await commands.executeCommand('workbench.action.closeQuickOpen');
    assert.equal(await answer, undefined);
  });

  it('has no values of keys in the tree', async function () {
    this.timeout('2m');
    const tree = new KeyTree(connections);
    await assertHolds(0, settle, async () => {
      const [root] = await tree.getChildren();
      assert.ok(root);
      let nodes = await wholeLevel(tree, root);
      for (const name of ['/', 'memory', 'left']) {
        const folder = nodes.find((node) => tree.getTreeItem(node).label === name);
        assert.ok(folder, name);
        nodes = await wholeLevel(tree, folder);
      }
      assert.equal(nodes.length, KEYS);
      return nodes;
    });
    tree.dispose();
  });

  it('has no values among the results of a search in values', async function () {
    this.timeout('2m');
    const query = { kind: 'text', pattern: 'aaaa', matchCase: true, values: true } as const;
    await assertHolds(0, settle, async () => {
      const search = new KeySearch({ connection, folder: bytes('/memory/'), query });
      await search.goOn();
      assert.deepEqual(search.state, { kind: 'complete' });
      assert.ok(search.found.length > 3);
      return search;
    });
  });

  it('has no values among the differences of a comparison by values', async function () {
    this.timeout('2m');
    await assertHolds(0, settle, async () => {
      const place = (folder: string) => ({ connection, prefix: bytes(`/memory/${folder}/`) });
      const comparison = new Comparison(place('left'), place('right'));
      await comparison.run(() => undefined);
      assert.deepEqual(comparison.state, { kind: 'complete' });
      assert.equal(comparison.kept.changed.length, KEYS);
      return comparison;
    });
  });

  it('has no values of keys that an import would write', async function () {
    this.timeout('2m');
    const store = await connection.store('interactive');
    const made: ImportSession[] = [];
    await assertHolds(0, settle, async () => {
      const parts = (async function* () {
        yield { header: { prefix: bytes('/memory/') } };
        for (let at = 0; at < KEYS; at++)
          yield { entries: [{ key: bytes(`/memory/imported/${at}`), value: new Uint8Array(LARGE).fill(at) }] };
      })();
      const file = { uri: Uri.file('/keys.json'), isFolder: false };
      const session = await ImportSession.compare(connection, store, file, { parts });
      assert.equal(session.plan.count('added'), KEYS);
      made.push(session);
      return session;
    });
    for (const session of made) await session.end();
  });

  for (const isPaused of [false, true])
    it(`has just the values that a watch tells, ${isPaused ? 'also while it is paused' : 'old and new'}`, async function () {
      this.timeout('2m');
      const target = { connection, kind: 'folder', path: bytes('/memory/watched/') } as const;
      const watch = new KeyWatch(connections, 'memory', target);
      await assertHolds(2 * KEYS * LARGE, settle, async () => {
        await watch.start();
        await until(async () => watch.state.kind === 'running');
        if (isPaused) watch.pause();
        await putAll('watched');
        await until(async () => (isPaused ? watch.waiting : watch.ring.total) >= KEYS);
        return watch;
      });
      watch.dispose();
    });
});
