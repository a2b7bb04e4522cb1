import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { Uri } from 'vscode';
import type { CommandContext } from '../../src/commands/context/commandContext.ts';
import { InterruptedWork } from '../../src/commands/context/interruptedWork.ts';
import { UndoLog } from '../../src/commands/context/undoLog.ts';
import { TransferRun } from '../../src/commands/transfer/transferRun.ts';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { EtcdLog } from '../../src/ui/log.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { ENDPOINT, Outside } from './outside.ts';

describe('a rename that VS Code cannot show', () => {
  it('succeeds, and leaves nothing to resume', async () => {
    const outside = await Outside.connect();
    await outside.put(['/shown/old', 'value']);
    await outside.deletePrefix('/shown/new');
    const [profile] = readProfiles([{ name: 'shown', endpoints: [ENDPOINT] }], 'user');
    assert.ok(profile);
    const connection = new Connection(profile, {
      credentials: new CredentialStore(new MemorySecrets(), new MemoryState(), ''),
      consents: new Consents(new MemoryState(), new MemoryState()),
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
    const store = await connection.writingStore(undefined);
    const { revision } = await store.get(bytes('/shown/old'));
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const context = {
      connections: { shown: (each: Connection) => each },
      // VS Code refuses while it draws the tree again, and etcd may fail to list.
      tree: { find: () => Promise.reject(new Error('TreeError [etcd.keys] /shown/new')) },
      treeView: { reveal: () => Promise.reject(new Error('TreeError [etcd.keys] /shown/new')) },
      documents: { refresh: () => undefined, noteDeleted: () => undefined },
      search: { forget: () => undefined },
      showChanges: () => undefined,
      undoLog: new UndoLog(),
      interrupted: new InterruptedWork(new MemoryState()),
      stoppedTransfers: new Set(),
      storage: Uri.file(tmpdir()),
      log: new EtcdLog({ trace: log, info: log, error: log, show: () => undefined }),
    } as unknown as CommandContext;
    const run = new TransferRun({
      source: connection,
      target: connection,
      plan: {
        source: store,
        target: store,
        roots: [{ kind: 'key', from: bytes('/shown/old'), to: bytes('/shown/new') }],
        move: true,
        taken: 'skip',
        seen: { source: revision, target: revision },
        oneCluster: true,
        alternative: (key) => key,
      },
      clusters: { source: undefined, target: undefined },
      total: 1,
      label: 'Move /shown/old',
      doneLabel: 'Moved /shown/old',
      isQuiet: true,
    });
    await run.run(context);
    assert.equal(await outside.value('/shown/new'), 'value');
    assert.equal(await outside.value('/shown/old'), undefined);
    assert.deepEqual(context.interrupted.list, []);
    assert.equal(context.undoLog.entries.length, 1);
    assert.ok(!lines.join().includes('/shown'), lines.join());
    connection.dispose();
    outside.close();
  });
});
