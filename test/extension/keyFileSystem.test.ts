import assert from 'node:assert/strict';
import { commands, FilePermission, FileType, languages, Position, window, workspace, WorkspaceEdit } from 'vscode';
import { Drafts } from '../../src/documents/keyFile/drafts.ts';
import { KeyFileSystem } from '../../src/documents/keyFile/keyFileSystem.ts';
import { OwnWrites } from '../../src/documents/keyFile/ownWrites.ts';
import { SaveChecks } from '../../src/documents/keyFile/saveChecks.ts';
import { Snapshots } from '../../src/documents/keyFile/sharedReads.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemoryState } from '../fixtures/vscodeState.ts';
import { CONNECTION, rejection, uriOf } from './documentUris.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';

describe('the file system of keys', () => {
  let outside: Outside;

  before(async () => {
    outside = await Outside.connect();
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT] });
  });
  after(async () => {
    await setConnections();
    outside.close();
  });

  describe('called by itself', () => {
    let memento: MemoryState;
    let files: KeyFileSystem;
    const guard = new SaveChecks(
      () => undefined,
      async () => undefined,
    );
    after(() => guard.dispose());
    let failure: EtcdError | undefined;
    const overwrite = { create: true, overwrite: true };

    /** Creates a file system that VS Code does not know, so that the test decides which calls come when. */
    function start(): KeyFileSystem {
      const storeFor = async () => {
        if (failure) throw failure;
        return outside.store;
      };
      return new KeyFileSystem({
        storeFor,
        storeToWrite: storeFor,
        snapshots: new Snapshots(storeFor),
        drafts: new Drafts(memento),
        guard,
        memento,
        isReadOnly: () => false,
        ownWrites: new OwnWrites(),
      });
    }

    beforeEach(() => {
      memento = new MemoryState();
      failure = undefined;
      files = start();
    });
    afterEach(() => files.dispose());

    it('shows a draft as an empty file older than any key, until it is saved', async () => {
      await outside.deletePrefix('/draft');
      const uri = files.createDraft({ connectionId: CONNECTION, key: bytes('/draft') });
      assert.equal(uri.toString(), uriOf('/draft').toString());
      assert.deepEqual(await files.stat(uri), { type: FileType.File, ctime: 0, mtime: 1, size: 0 });
      assert.deepEqual(await files.readFile(uri), new Uint8Array());
      assert.equal(await outside.value('/draft'), undefined);
      await files.writeFile(uri, bytes('text'), overwrite);
      assert.equal(await outside.value('/draft'), 'text');
      await outside.deletePrefix('/draft');
      await files.stat(uri);
      assert.equal((await rejection(files.stat(uri))).code, 'FileNotFound');
    });

    it('still knows a draft after a restart', async () => {
      await outside.deletePrefix('/draft');
      const uri = files.createDraft({ connectionId: CONNECTION, key: bytes('/draft') });
      files.dispose();
      files = start();
      assert.equal((await files.stat(uri)).mtime, 1);
      await files.writeFile(uri, bytes('text'), overwrite);
      assert.equal(await outside.value('/draft'), 'text');
    });

    it('keeps a draft while its document changes its language, and ends it when that closes unsaved', async () => {
      await outside.put(['/draft-document', '']);
      const uri = uriOf('/draft-document');
      const drafts = new Drafts(memento);
      drafts.begin(uri);
      await commands.executeCommand('vscode.open', uri);
      const document = window.activeTextEditor?.document;
      assert.equal(document?.uri.toString(), uri.toString());
      assert.ok(document);
      await languages.setTextDocumentLanguage(document, 'json');
      assert.ok(drafts.has(uri));
      const closed = Promise.withResolvers<void>();
      const listener = workspace.onDidCloseTextDocument((each) => {
        if (each === document && each.isClosed) closed.resolve();
      });
      await commands.executeCommand('workbench.action.closeActiveEditor');
      await closed.promise;
      listener.dispose();
      assert.equal(drafts.has(uri), false);
      drafts.dispose();
      const restarted = new Drafts(memento);
      assert.equal(restarted.has(uri), false);
      restarted.dispose();
    });

    it('lets a draft not overwrite a key that somebody created meanwhile', async () => {
      await outside.deletePrefix('/draft');
      const uri = files.createDraft({ connectionId: CONNECTION, key: bytes('/draft') });
      const before = await files.stat(uri);
      await outside.put(['/draft', '']);
      await rejection(files.writeFile(uri, bytes('mine'), overwrite));
      assert.equal(await outside.value('/draft'), '');
      assert.ok((await files.stat(uri)).mtime > before.mtime);
    });

    it('takes for what VS Code wrote just that, whatever came right behind it', async () => {
      await outside.put(['/behind', 'before']);
      const uri = uriOf('/behind');
      await files.stat(uri);
      await files.writeFile(uri, bytes('mine'), overwrite);
      await outside.put(['/behind', 'theirs']);
      const written = await files.stat(uri);
      assert.equal(written.size, 4);
      assert.ok((await files.stat(uri)).mtime > written.mtime);
    });

    it('tells the same revision by the two calls that load a file', async () => {
      await outside.put(['/load', 'old']);
      const uri = uriOf('/load');
      const text = await files.readFile(uri);
      await outside.put(['/load', 'newer']);
      assert.equal((await files.stat(uri)).size, text.length);
      assert.equal((await files.stat(uri)).size, 5);
    });

    it('writes only once for each look, unless the write succeeded', async () => {
      await outside.put(['/look', 'before']);
      const uri = uriOf('/look');
      await files.stat(uri);
      await files.writeFile(uri, bytes('one'), overwrite);
      await files.writeFile(uri, bytes('two'), overwrite);
      await outside.put(['/look', 'theirs']);
      await rejection(files.writeFile(uri, bytes('three'), overwrite));
      assert.equal((await rejection(files.writeFile(uri, bytes('three'), overwrite))).code, 'Unavailable');
      assert.equal(await outside.value('/look'), 'theirs');
    });

    it('writes nothing after a look that failed', async () => {
      await outside.put(['/failed', 'before']);
      const uri = uriOf('/failed');
      await files.stat(uri);
      failure = new EtcdError('timedOut', 'No answer.');
      assert.match((await rejection(files.stat(uri))).message, /^No answer\.$/);
      failure = undefined;
      assert.equal((await rejection(files.writeFile(uri, bytes('mine'), overwrite))).code, 'Unavailable');
      assert.equal(await outside.value('/failed'), 'before');
    });

    it('still knows after a restart what unsaved text began from, and doubts where nobody does', async () => {
      await outside.put(['/restarted', 'loaded']);
      const uri = uriOf('/restarted');
      await Promise.all([files.readFile(uri), files.stat(uri)]);
      const document = await workspace.openTextDocument(uri);
      const base = files.bases.get(uri);
      assert.ok(base);
      const edit = new WorkspaceEdit();
      edit.insert(uri, new Position(0, 0), 'mine ');
      assert.ok(await workspace.applyEdit(edit));
      assert.ok(document.isDirty);
      files.dispose();
      files = start();
      assert.equal(files.bases.get(uri)?.modRevision, base.modRevision);
      assert.equal((await files.stat(uri)).mtime, base.mtime);
      await outside.put(['/restarted', 'theirs']);
      assert.ok((await files.stat(uri)).mtime > base.mtime);
      await rejection(files.writeFile(uri, bytes('mine loaded'), overwrite));
      assert.equal(await outside.value('/restarted'), 'theirs');
      files.dispose();
      memento = new MemoryState();
      files = start();
      assert.ok((await files.stat(uri)).mtime > Date.now());
      await window.showTextDocument(document);
      await commands.executeCommand('workbench.action.files.revert');
    });

    it('says in VS Code’s terms why etcd refuses', async () => {
      failure = new EtcdError('permissionDenied', 'The user may not.');
      assert.equal((await rejection(files.readFile(uriOf('/refused')))).code, 'NoPermissions');
      failure = new EtcdError('refused', 'Nobody answers.');
      assert.equal((await rejection(files.readFile(uriOf('/refused')))).code, 'Unavailable');
    });

    it('tells who listens which keys it wrote', async () => {
      await outside.deletePrefix('/written');
      const written: [string, boolean][] = [];
      files.onDidWrite(({ key, created }) => written.push([Buffer.from(key).toString(), created]));
      const uri = uriOf('/written');
      await rejection(files.stat(uri));
      await files.writeFile(uri, bytes('1'), overwrite);
      await files.writeFile(uri, bytes('2'), overwrite);
      assert.deepEqual(written, [
        ['/written', true],
        ['/written', false],
      ]);
    });
  });

  describe('used by other extensions', () => {
    it('are written only after a look at them, and only if they did not change since', async () => {
      const uri = uriOf('/file');
      await outside.put(['/file', 'before']);
      assert.equal((await rejection(workspace.fs.writeFile(uri, bytes('blind')))).code, 'Unavailable');
      const stat = await workspace.fs.stat(uri);
      assert.equal(stat.type, FileType.File);
      assert.equal(stat.size, 6);
      await workspace.fs.writeFile(uri, bytes('after'));
      assert.equal(await outside.value('/file'), 'after');
      await outside.put(['/file', 'theirs']);
      await rejection(workspace.fs.writeFile(uri, bytes('stale')));
      assert.equal(await outside.value('/file'), 'theirs');
    });

    it('are created where a look found none, and only there', async () => {
      const uri = uriOf('/file-new');
      await outside.deletePrefix('/file-new');
      assert.equal((await rejection(workspace.fs.stat(uri))).code, 'FileNotFound');
      await outside.put(['/file-new', 'theirs']);
      await rejection(workspace.fs.writeFile(uri, bytes('mine')));
      assert.equal(await outside.value('/file-new'), 'theirs');
      await outside.deletePrefix('/file-new');
      await rejection(workspace.fs.stat(uri));
      await workspace.fs.writeFile(uri, bytes('mine'));
      assert.equal(await outside.value('/file-new'), 'mine');
    });

    it('are written byte for byte where they are binary, but not as text', async () => {
      const value = Uint8Array.of(0xff, 0x01, 0x41, 0x80);
      const valueNow = async () => {
        const { kv } = await outside.store.get(bytes('/file-binary'));
        return kv && new Uint8Array(kv.value);
      };
      await outside.put(['/file-binary', value]);
      const uri = uriOf('/file-binary');
      assert.equal((await workspace.fs.stat(uri)).permissions, undefined);
      const read = new Uint8Array(await workspace.fs.readFile(uri));
      assert.deepEqual(read, value);
      read[2] = 0x00;
      await workspace.fs.writeFile(uri, read);
      assert.deepEqual(await valueNow(), Uint8Array.of(0xff, 0x01, 0, 0x80));
      await outside.put(['/file-binary', value]);
      const document = await workspace.openTextDocument(uri);
      assert.equal((await workspace.fs.stat(document.uri)).permissions, FilePermission.Readonly);
      assert.equal((await rejection(workspace.fs.writeFile(uri, bytes('text')))).code, 'NoPermissions');
      assert.deepEqual(await valueNow(), value);
    });

    it('are not written where they changed since they were read, whoever looked at them meanwhile', async () => {
      await outside.put(['/file-read', 'before']);
      const uri = uriOf('/file-read');
      await workspace.fs.readFile(uri);
      await outside.put(['/file-read', 'theirs']);
      await workspace.fs.stat(uri);
      await workspace.fs.stat(uri);
      await rejection(workspace.fs.writeFile(uri, bytes('stale')));
      assert.equal(await outside.value('/file-read'), 'theirs');
      await workspace.fs.readFile(uri);
      await workspace.fs.writeFile(uri, bytes('fresh'));
      assert.equal(await outside.value('/file-read'), 'fresh');
    });

    it('are written again and again by whoever reads them each time, whatever others write in between', async () => {
      await outside.put(['/file-again', 'before']);
      const uri = uriOf('/file-again');
      for (const value of ['one', 'two']) {
        await workspace.fs.readFile(uri);
        await workspace.fs.writeFile(uri, bytes(value));
        assert.equal(await outside.value('/file-again'), value);
        await outside.put(['/file-again', 'theirs']);
      }
    });

    it('has folders where keys are below a path, so that VS Code does not offer to create them', async () => {
      await outside.deletePrefix('/folder');
      await outside.put(['/folder/a/b', 'x'], ['relative/a', 'x']);
      for (const path of ['/folder', '/folder/a', 'relative'])
        assert.equal((await workspace.fs.stat(uriOf(path))).type, FileType.Directory, path);
      const top = uriOf('relative').with({ path: '/~relative' });
      assert.equal((await workspace.fs.stat(top)).type, FileType.Directory);
      assert.equal((await workspace.fs.stat(uriOf('/folder/a/b'))).type, FileType.File);
      for (const path of ['/fold', '/folder/a/b/c', '/folder/new'])
        assert.equal((await rejection(workspace.fs.stat(uriOf(path)))).code, 'FileNotFound');
      await workspace.fs.writeFile(uriOf('/folder/new'), bytes('y'));
      assert.equal(await outside.value('/folder/new'), 'y');
    });

    it('renames keys as the command does: in one transaction, with their leases', async () => {
      for (const prefix of ['/old', '/new']) await outside.deletePrefix(prefix);
      const lease = await outside.store.leases?.grant(1000);
      assert.ok(lease);
      await outside.put(['/old/key', 'x', lease]);
      await workspace.fs.rename(uriOf('/old/key'), uriOf('/new/key'));
      const { kv } = await outside.store.get(bytes('/new/key'));
      assert.ok(kv);
      assert.deepEqual([Buffer.from(kv.value).toString(), kv.lease], ['x', lease]);
      const { kvs } = await outside.store.getMany([bytes('/old/key')], { revision: kv.modRevision });
      assert.deepEqual(kvs, [undefined]);
    });

    it('does not rename what is not there, nor over a key', async () => {
      for (const prefix of ['/old', '/new']) await outside.deletePrefix(prefix);
      await outside.put(['/old/a', '1'], ['/old/b', '2']);
      await rejection(workspace.fs.rename(uriOf('/old/missing'), uriOf('/new/missing')));
      await rejection(workspace.fs.rename(uriOf('/old/a'), uriOf('/old/b')));
      assert.deepEqual([await outside.value('/old/a'), await outside.value('/old/b')], ['1', '2']);
    });

    it('cannot be listed or deleted behind the user’s back', async () => {
      await outside.put(['/file-kept', 'x']);
      const uri = uriOf('/file-kept');
      const root = uri.with({ path: '/' });
      assert.equal((await workspace.fs.stat(root)).type, FileType.Directory);
      const refused = [
        workspace.fs.readDirectory(root),
        workspace.fs.delete(uri),
        workspace.fs.delete(root, { recursive: true }),
      ];
      for (const each of refused) assert.equal((await rejection(each)).code, 'NoPermissions');
      assert.equal(await outside.value('/file-kept'), 'x');
    });
  });
});
