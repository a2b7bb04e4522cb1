import assert from 'node:assert/strict';
import { Position, Uri, workspace, WorkspaceEdit } from 'vscode';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { keyUriParts } from '../../src/documents/addresses/keyUri.ts';
import { bytes } from '../etcd/connecting.ts';
import { setConnections, setLive } from './settings.ts';

const CALLS = /^grpc_server_started_total\{grpc_method="(\w+)",grpc_service="etcdserverpb\.KV",.*\} (\d+)$/gm;

for (const transport of ['grpc', 'gateway'] as const)
  describe(`requests of a document by ${transport}`, () => {
    let server: EtcdServer;
    // VS Code reads the documents of other tests again when their connection returns.
    const name = `trips-${transport}`;
    const uriOf = (key: string) => Uri.from(keyUriParts({ connectionId: name, key: bytes(key) }));

    before(async function () {
      this.timeout('1m');
      server = await startEtcd();
      await server.etcdctl(['put', `trips-${transport}`, 'one']);
      await server.etcdctl(['put', `other-${transport}`, 'one']);
      await setConnections({ name, endpoints: [server.endpoint], transport });
      await setLive(false);
    });
    after(async () => {
      await setLive(undefined);
      await setConnections();
      await server?.stop();
    });

    /** Returns the requests that etcd got for keys since it started, by method. */
    async function requests(): Promise<Map<string, number>> {
      const text = await (await fetch(`${server.endpoint}/metrics`)).text();
      return new Map([...text.matchAll(CALLS)].map(([, method = '', count]) => [method, Number(count)]));
    }

    /** Returns the requests of an action, without those methods that it did not call. */
    async function requestsOf(action: () => Promise<unknown>): Promise<Record<string, number>> {
      const before = await requests();
      await action();
      const after = await requests();
      const added = [...after].map(([method, count]) => [method, count - (before.get(method) ?? 0)] as const);
      return Object.fromEntries(added.filter(([, count]) => count > 0));
    }

    it('are one to open it, and to save it one for the check of VS Code and one that writes', async () => {
      // Connecting takes more.
      await workspace.openTextDocument(uriOf(`other-${transport}`));
      const uri = uriOf(`trips-${transport}`);
      assert.deepEqual(await requestsOf(async () => await workspace.openTextDocument(uri)), { Range: 1 });
      const document = await workspace.openTextDocument(uri);
      for (const text of ['a', 'b']) {
        const edit = new WorkspaceEdit();
        edit.insert(uri, new Position(0, 0), text);
        assert.ok(await workspace.applyEdit(edit));
        assert.deepEqual(await requestsOf(async () => assert.ok(await document.save())), { Range: 1, Txn: 1 });
      }
      const { stdout } = await server.etcdctl(['get', `trips-${transport}`, '--print-value-only']);
      assert.equal(stdout.trim(), 'baone');
    });
  });
