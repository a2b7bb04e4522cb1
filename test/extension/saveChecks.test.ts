import assert from 'node:assert/strict';
import {
  Position,
  TextDocumentSaveReason,
  Uri,
  WorkspaceEdit,
  commands,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles } from '../../src/connections/settings/connectionProfile.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { mergeUriParts } from '../../src/documents/addresses/mergeUri.ts';
import { Drafts } from '../../src/documents/keyFile/drafts.ts';
import { KeyFileSystem } from '../../src/documents/keyFile/keyFileSystem.ts';
import { OwnWrites } from '../../src/documents/keyFile/ownWrites.ts';
import { SaveChecks } from '../../src/documents/keyFile/saveChecks.ts';
import { Snapshots } from '../../src/documents/keyFile/sharedReads.ts';
import { KeptVersions } from '../../src/documents/merging/keptVersions.ts';
import { MergeFileSystem, type MergeResult } from '../../src/documents/merging/mergeFileSystem.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';
import { CONNECTION, rejection, uriOf } from './documentUris.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { ChangedSettings, setConnections } from './settings.ts';

type Entry = Readonly<Record<string, unknown>>;

describe('what stops a save', () => {
  let outside: Outside;
  const disposing: { dispose(): unknown }[] = [];
  const settings = new ChangedSettings();

  before(async () => {
    outside = await Outside.connect();
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT] });
  });
  after(async () => {
    await setConnections();
    outside.close();
  });
  afterEach(async () => {
    for (const each of disposing.splice(0)) each.dispose();
    await settings.restore();
  });

  /** Creates a guard of saves to a connection with these settings; counts its questions. */
  function guarded(entry: Entry = {}) {
    const [profile] = readProfiles([{ name: CONNECTION, endpoints: [ENDPOINT], ...entry }], 'user');
    assert.ok(profile && profile.problem === undefined);
    const connection = new Connection(profile, {
      credentials: new CredentialStore(new MemorySecrets(), new MemoryState(), ''),
      consents: new Consents(new MemoryState(), new MemoryState()),
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
    const asked: string[] = [];
    const guard = new SaveChecks(
      () => connection,
      async ({ uri }) => {
        asked.push(uri.toString());
        return undefined;
      },
    );
    disposing.push(guard, connection);
    return { guard, asked };
  }

  /** Creates file systems that VS Code does not know, so that the test decides which calls come when. */
  function files(entry?: Entry) {
    const { guard, asked } = guarded(entry);
    const storeFor = async () => outside.store;
    const memento = new MemoryState();
    const keys = new KeyFileSystem({
      ...{
        storeFor,
        storeToWrite: storeFor,
        snapshots: new Snapshots(storeFor),
        drafts: new Drafts(memento),
        guard,
        memento,
      },
      ...{ isReadOnly: () => false, ownWrites: new OwnWrites() },
    });
    disposing.push(keys);
    return { keys, asked };
  }

  async function unsaved(uri: Uri, text: string): Promise<TextDocument> {
    const document = await workspace.openTextDocument(uri);
    const edit = new WorkspaceEdit();
    edit.insert(uri, new Position(0, 0), text);
    assert.ok(await workspace.applyEdit(edit));
    assert.ok(document.isDirty);
    return document;
  }

  async function revert(document: TextDocument): Promise<void> {
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
    await commands.executeCommand('workbench.action.closeAllEditors');
  }

  const overwrite = { create: true, overwrite: true };

  describe('of auto save', () => {
    /** A pause so long that VS Code itself does nothing meanwhile. */
    const never = 24 * 60 * 60 * 1000;

    for (const isOn of [true, false])
      it(`also where an editor with unsaved text is closed, of which VS Code gives no reason: auto save ${isOn ? 'on' : 'off'}`, async () => {
        await settings.set('files.autoSaveDelay', never);
        await settings.set('files.autoSave', isOn ? 'afterDelay' : 'off');
        const uri = uriOf('/guards/closed');
        await outside.put(['/guards/closed', 'old']);
        const document = await unsaved(uri, 'mine ');
        const { keys } = files();
        await keys.readFile(uri);
        await keys.stat(uri);
        const writing = keys.writeFile(uri, bytes('mine old'), overwrite);
        if (isOn) assert.match((await rejection(writing)).message, /^Auto save does not write to etcd unless/);
        else await writing;
        assert.equal(await outside.value('/guards/closed'), isOn ? 'old' : 'mine old');
        await revert(document);
      });

    const entries: readonly (readonly [Entry, RegExp | undefined])[] = [
      [{}, undefined],
      [{ production: true }, /^Auto save does not write to production/],
      [{ production: true, confirmSave: false }, /^Auto save does not write to production/],
      [{ confirmSave: true }, /where each save is confirmed/],
    ];
    for (const [entry, refusal] of entries)
      it(`where it is allowed for others: ${JSON.stringify(entry)}`, async () => {
        await settings.set('etcd.autoSave', true);
        const { guard, asked } = guarded(entry);
        for (const reason of [TextDocumentSaveReason.AfterDelay, TextDocumentSaveReason.FocusOut]) {
          const checking = guard.check({
            ...{ uri: uriOf('/guards/auto'), address: { connectionId: CONNECTION, key: bytes('/guards/auto') } },
            ...{ content: bytes('mine'), before: async () => bytes('old'), expected: { modRevision: 1n }, reason },
          });
          if (refusal) assert.match((await rejection(checking)).message, refusal);
          else await checking;
        }
        assert.deepEqual(asked, []);
      });
  });

  describe('of a merge', () => {
    async function theirs(key: string): Promise<{ readonly uri: Uri; readonly modRevision: bigint }> {
      await outside.put([key, 'theirs']);
      const { kv } = await outside.store.get(bytes(key));
      assert.ok(kv);
      return { uri: uriOf(key), modRevision: kv.modRevision };
    }

    it('while its result still begins with the conflict marker', async () => {
      const { modRevision } = await theirs('/guards/unmerged');
      const written: MergeResult[] = [];
      const merging = new MergeFileSystem(
        async () => outside.store,
        new KeptVersions(),
        async (result) => void written.push(result),
      );
      disposing.push(merging);
      const address = { connectionId: CONNECTION, key: bytes('/guards/unmerged') };
      const uri = Uri.from(mergeUriParts({ ...address, part: 'result', modRevision }));
      const shown = await merging.readFile(uri);
      assert.match(Buffer.from(shown).toString(), /^<<<<<<<\ntheirs$/);
      assert.match(
        (await rejection(merging.writeFile(uri, shown))).message,
        /merge is not complete. Nothing was written/,
      );
      assert.deepEqual(written, []);
      await merging.writeFile(uri, bytes('merged'));
      assert.deepEqual(written, [{ ...address, modRevision, content: bytes('merged') }]);
    });

    it('only while its document has just what was merged: what is typed after that is written', async () => {
      const { uri, modRevision } = await theirs('/guards/edited');
      const { keys } = files();
      await keys.stat(uri);
      assert.equal(await keys.writeMerged(uri, bytes('merged'), modRevision), 'written');
      await keys.stat(uri);
      await keys.writeFile(uri, bytes('merged, and edited'), overwrite);
      assert.equal(await outside.value('/guards/edited'), 'merged, and edited');
    });

    it('that is in etcd already: the document learns of it, and nothing is written twice', async () => {
      const { uri, modRevision } = await theirs('/guards/once');
      const { keys } = files();
      assert.equal(await keys.writeMerged(uri, bytes('merged'), modRevision), 'written');
      const before = await outside.store.get(bytes('/guards/once'));
      await keys.stat(uri);
      await keys.writeFile(uri, bytes('merged'), overwrite);
      const { kv } = await outside.store.get(bytes('/guards/once'));
      assert.equal(kv?.modRevision, before.kv?.modRevision);
    });

    it('over a version that somebody else has replaced meanwhile, also between the merge and its save', async () => {
      const { uri, modRevision } = await theirs('/guards/replaced');
      const { keys } = files();
      await outside.put(['/guards/replaced', 'newer']);
      assert.equal(await keys.writeMerged(uri, bytes('merged'), modRevision), 'conflict');
      const { kv } = await outside.store.get(bytes('/guards/replaced'));
      assert.ok(kv);
      assert.equal(await keys.writeMerged(uri, bytes('merged'), kv.modRevision), 'written');
      await keys.stat(uri);
      await outside.put(['/guards/replaced', 'newest']);
      await rejection(keys.writeFile(uri, bytes('merged, and edited'), overwrite));
      assert.equal(await outside.value('/guards/replaced'), 'newest');
    });
  });
});
