import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationTarget,
  Range,
  RelativePattern,
  TabInputText,
  Uri,
  WorkspaceEdit,
  commands,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { keyAddress } from '../../src/documents/addresses/keyUri.ts';
import { Lease } from '../../src/etcd/v3/transport/rpc_pb.js';
import { bytes } from '../etcd/connecting.ts';
import { Random } from '../unit/listing/random.ts';
import { CONNECTION, hexUriOf, rejection, uriOf } from './documentUris.ts';
import { Gate } from './gate.ts';
import { Outside } from './outside.ts';
import { replaceText } from './replaceText.ts';
import { setConnections, setLive } from './settings.ts';

/** Resolves when a changed document shows what the test waits for. */
async function documentShows(document: TextDocument, isShown: () => boolean): Promise<void> {
  while (!isShown()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listener = workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) resolve();
    });
    await promise;
    listener.dispose();
  }
}

describe('keys as documents', () => {
  let outside: Outside;
  /** The gate in front of the documents' connection, which can be cut. */
  let gate: Gate;

  before(async () => {
    outside = await Outside.connect();
    gate = await Gate.open();
    await setConnections({ name: CONNECTION, endpoints: [gate.endpoint] });
    // These tests are about a document that does not know of a change.
    await setLive(false);
  });
  after(async () => {
    await setLive(undefined);
    await setConnections();
    await gate.close();
    outside.close();
  });
  afterEach(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function open(key: string | Uint8Array, value: string | Uint8Array): Promise<TextDocument> {
    await outside.put([key, value]);
    return await workspace.openTextDocument(uriOf(key));
  }

  /** Reverts what a test left unsaved, so that its editor closes without a question. */
  async function revert(document: TextDocument): Promise<void> {
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
    assert.equal(document.isDirty, false);
  }

  describe('addresses', () => {
    it('survive being written out, parsed, joined and normalized', () => {
      const random = new Random(4);
      const pieces = ['/', '/', '.', '~', '\\', 'C:', ':', '%2F', '%', '?', '#', '&=+', ' ', 'é', '🙂', 'a'] as const;
      for (let run = 0; run < 5000; run++) {
        const parts = Array.from({ length: random.below(8) }, () =>
          random.below(6) === 0 ? random.bytes(random.below(3)) : bytes(random.pick(pieces)),
        );
        const key = new Uint8Array(Buffer.concat(parts));
        const uri = uriOf(key);
        for (const again of [
          Uri.parse(uri.toString()),
          Uri.joinPath(uri, '.'),
          Uri.from(JSON.parse(JSON.stringify(uri))),
        ]) {
          assert.deepEqual(keyAddress(again), { connectionId: CONNECTION, key });
          assert.equal(again.toString(), uri.toString());
        }
      }
    });
  });

  describe('a save', () => {
    it('writes exactly the text, and keeps the lease', async () => {
      const { ID: lease } = await outside.session.call(
        Lease.method.leaseGrant,
        { TTL: 600n },
        { repeatable: false, requireLeader: true },
      );
      await outside.put(['/documents/lease', 'before\r\n', lease]);
      const document = await workspace.openTextDocument(uriOf('/documents/lease'));
      assert.equal(document.getText(), 'before\r\n');
      await replaceText(document, 'after\r\n\t¿ß🙂? ');
      assert.ok(await document.save());
      const { kv } = await outside.store.get(bytes('/documents/lease'));
      assert.equal(kv && Buffer.from(kv.value).toString(), 'after\r\n\t¿ß🙂? ');
      assert.equal(kv?.lease, lease);
    });

    it('follows another without a question', async () => {
      const document = await open('/documents/twice', '1');
      for (const text of ['22', '33', '4']) {
        await replaceText(document, text);
        assert.ok(await document.save());
        assert.equal(await outside.value('/documents/twice'), text);
      }
    });

    const foreignValues = { 'of the same size': 'theirs', 'of another size': 'somebody else’s' };
    for (const [what, theirs] of Object.entries(foreignValues)) {
      it(`overwrites no foreign change ${what}, and works again after Revert`, async () => {
        const document = await open('/documents/conflict', 'loaded');
        await replaceText(document, 'mine 1');
        await outside.put(['/documents/conflict', theirs]);
        assert.equal(await document.save(), false);
        assert.equal(await document.save(), false);
        assert.ok(document.isDirty);
        assert.equal(document.getText(), 'mine 1');
        assert.equal(await outside.value('/documents/conflict'), theirs);
        await revert(document);
        assert.equal(document.getText(), theirs);
        await replaceText(document, 'mine 2');
        assert.ok(await document.save());
        assert.equal(await outside.value('/documents/conflict'), 'mine 2');
      });
    }

    it('overwrites no foreign change that others have read meanwhile', async () => {
      const document = await open('/documents/read', 'loaded');
      await outside.put(['/documents/read', 'theirs']);
      assert.equal(Buffer.from(await workspace.fs.readFile(document.uri)).toString(), 'theirs');
      await workspace.fs.stat(document.uri);
      await replaceText(document, 'mine 1');
      assert.equal(await document.save(), false);
      assert.equal(await outside.value('/documents/read'), 'theirs');
      await revert(document);
    });

    it('overwrites no foreign change that came right behind the save before', async () => {
      const document = await open('/documents/behind', 'loaded');
      await replaceText(document, 'mine 1');
      assert.ok(await document.save());
      await outside.put(['/documents/behind', 'theirs']);
      await replaceText(document, 'mine 2');
      assert.equal(await document.save(), false);
      assert.equal(await outside.value('/documents/behind'), 'theirs');
      await revert(document);
    });

    it('overwrites no foreign change even of a text that nobody has edited', async () => {
      const document = await open('/documents/clean', 'loaded');
      await window.showTextDocument(document);
      await outside.put(['/documents/clean', 'theirs']);
      await commands.executeCommand('workbench.action.files.save');
      assert.equal(await outside.value('/documents/clean'), 'theirs');
      await revert(document);
      assert.equal(document.getText(), 'theirs');
    });

    it('does not bring back a key that was deleted meanwhile', async () => {
      const document = await open('/documents/deleted', 'loaded');
      await replaceText(document, 'mine');
      await outside.deletePrefix('/documents/deleted');
      assert.equal(await document.save(), false);
      assert.equal(await document.save(), false);
      await replaceText(document, '');
      assert.equal(await document.save(), false);
      assert.equal(await outside.value('/documents/deleted'), undefined);
      const deletion = Promise.withResolvers<Uri>();
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(uriOf('/documents'), '*'));
      watcher.onDidDelete(deletion.resolve);
      await revert(document);
      assert.equal((await rejection(workspace.fs.stat(document.uri))).code, 'FileNotFound');
      assert.equal((await deletion.promise).toString(), document.uri.toString());
      watcher.dispose();
    });

    it('does not bring back a deleted key from a text that nobody has edited', async () => {
      const document = await open('/documents/gone', 'loaded');
      await window.showTextDocument(document);
      await outside.deletePrefix('/documents/gone');
      await commands.executeCommand('workbench.action.files.save');
      assert.equal(await outside.value('/documents/gone'), undefined);
      assert.equal(await document.save(), false);
      assert.equal(await outside.value('/documents/gone'), undefined);
      await revert(document);
    });

    it('overwrites a foreign change and creates a deleted key anew when told to', async () => {
      const [changed, deleted] = [await open('/documents/told', 'loaded'), await open('/documents/anew', 'loaded')];
      await replaceText(changed, 'mine 1');
      await replaceText(deleted, 'mine 2');
      await outside.put(['/documents/told', 'theirs']);
      await outside.deletePrefix('/documents/anew');
      assert.equal(await changed.save(), false);
      assert.equal(await deleted.save(), false);
      // Saves as the button Overwrite does.
      const configuration = workspace.getConfiguration('files', changed.uri);
      await configuration.update('saveConflictResolution', 'overwriteFileOnDisk', ConfigurationTarget.Global);
      try {
        assert.ok(await changed.save());
        assert.ok(await deleted.save());
      } finally {
        await configuration.update('saveConflictResolution', undefined, ConfigurationTarget.Global);
      }
      assert.equal(await outside.value('/documents/told'), 'mine 1');
      assert.equal(await outside.value('/documents/anew'), 'mine 2');
    });

    it('waits while etcd cannot be reached, and finds then what changed', async () => {
      const document = await open('/documents/cut', 'loaded');
      await replaceText(document, 'mine 1');
      await gate.cut();
      assert.equal(await document.save(), false);
      assert.ok(document.isDirty);
      await gate.restore();
      assert.ok(await document.save());
      assert.equal(await outside.value('/documents/cut'), 'mine 1');
      await replaceText(document, 'mine 2');
      await gate.cut();
      await outside.put(['/documents/cut', 'theirs']);
      assert.equal(await document.save(), false);
      await gate.restore();
      assert.equal(await document.save(), false);
      assert.equal(await outside.value('/documents/cut'), 'theirs');
      await revert(document);
    });

    const oddKeys: readonly (string | Uint8Array)[] = [
      '/documents/odd//double',
      '/documents/odd/',
      '/documents/odd/../up',
      '/documents/odd/100% ?#.txt',
      '/C:/documents',
      'documents-relative',
      Buffer.concat([bytes('/documents/odd/'), Uint8Array.of(0xff, 0x0a, 0x00)]),
    ];
    for (const key of oddKeys) {
      it(`reaches the key ${uriOf(key).path} itself`, async () => {
        const document = await open(key, 'before');
        assert.equal(document.getText(), 'before');
        await replaceText(document, 'after');
        assert.ok(await document.save());
        assert.equal(await outside.value(key), 'after');
      });
    }
  });

  describe('the bytes of a value', () => {
    const values = {
      'a byte order mark': ['\ufeffone\ntwo\n', '\ufeffONE\ntwo\n'],
      'line ends of Windows': ['one\r\ntwo\r\n', 'ONE\r\ntwo\r\n'],
      'no newline at the end': ['one\ntwo', 'ONE\ntwo'],
      'several newlines at the end': ['one\n\n\n', 'ONE\n\n\n'],
      'trailing blanks, tabs and what is beyond the basic plane': [
        'one  \t\n\u{1f642}\u2028 \n',
        'ONE  \t\n\u{1f642}\u2028 \n',
      ],
    } as const;
    for (const [index, [what, [before, after]]] of Object.entries(values).entries())
      it(`keep ${what} where the text beside it is edited`, async () => {
        const document = await open(`/documents/bytes/${index}`, before);
        const edit = new WorkspaceEdit();
        edit.replace(document.uri, new Range(0, 0, 0, 3), 'ONE');
        assert.ok(await workspace.applyEdit(edit));
        assert.ok(await document.save());
        const { kv } = await outside.store.get(bytes(`/documents/bytes/${index}`));
        assert.equal(kv && Buffer.from(kv.value).toString('hex'), Buffer.from(after).toString('hex'));
      });

    it('stay in the editor where they are too many for etcd', async () => {
      const document = await open('/documents/too-large', 'small');
      const large = 'x'.repeat(1_700_000);
      await replaceText(document, large);
      assert.equal(await document.save(), false);
      assert.ok(document.isDirty);
      assert.equal(document.getText().length, large.length);
      assert.equal(await outside.value('/documents/too-large'), 'small');
      await revert(document);
    });

    it('of a megabyte open about as fast as a file of that size', async function () {
      this.timeout('5m');
      const line = `${'value '.repeat(15)}\n`;
      const content = line.repeat(Math.ceil(2 ** 20 / line.length)).slice(0, 2 ** 20);
      const folder = await mkdtemp(join(tmpdir(), 'etcd-megabyte-'));
      const times = { etcd: [] as number[], file: [] as number[] };
      for (let run = 0; run < 3; run++) {
        const path = join(folder, `${run}.txt`);
        await writeFile(path, content);
        await outside.put([`/documents/megabyte/${run}.txt`, content]);
        for (const [kind, uri] of [
          ['etcd', uriOf(`/documents/megabyte/${run}.txt`)],
          ['file', Uri.file(path)],
        ] as const) {
          const start = performance.now();
          await window.showTextDocument(await workspace.openTextDocument(uri));
          times[kind].push(performance.now() - start);
          await commands.executeCommand('workbench.action.closeAllEditors');
        }
      }
      await rm(folder, { recursive: true });
      const [etcd = 0, file = 1] = [times.etcd, times.file].map((each) => each.toSorted((a, b) => a - b)[1]);
      if (this.test)
        this.test.title += `: ${etcd.toFixed(0)} ms and ${file.toFixed(0)} ms, ${(etcd / file).toFixed(1)} times`;
    });
  });

  describe('an open document', () => {
    it('follows Refresh, unless it has unsaved text', async () => {
      const [still, edited] = [await open('/documents/still', 'old'), await open('/documents/edited', 'old')];
      await replaceText(edited, 'mine');
      await outside.put(['/documents/still', 'new'], ['/documents/edited', 'new']);
      await commands.executeCommand('etcd.refresh');
      await documentShows(still, () => still.getText() === 'new');
      assert.equal(edited.getText(), 'mine');
      await revert(edited);
    });
  });

  describe('opening a key', () => {
    const activeTab = () => window.tabGroups.activeTabGroup.activeTab;
    const activeUri = () => {
      const input = activeTab()?.input;
      return input instanceof TabInputText ? input.uri.toString() : undefined;
    };

    it('previews it, and pins it on a double click', async () => {
      await outside.put(['/documents/click', 'x']);
      const click = () => commands.executeCommand('etcd.open', uriOf('/documents/click'));
      await click();
      assert.equal(activeTab()?.isPreview, true);
      // A busy machine may need longer for one click than a double click may take.
      await Promise.all([click(), click()]);
      assert.equal(activeTab()?.isPreview, false);
    });

    it('opens no editor for a key that does not exist', async () => {
      await commands.executeCommand('etcd.open', uriOf('/documents/nothing'));
      assert.equal(activeTab(), undefined);
    });

    it('shows a binary value as a hex dump that cannot be changed', async () => {
      await outside.put(['/documents/binary', Uint8Array.of(0x00, 0xff, 0x41)]);
      await commands.executeCommand('etcd.open', uriOf('/documents/binary'));
      assert.equal(activeUri(), hexUriOf('/documents/binary').toString());
      const document = await workspace.openTextDocument(hexUriOf('/documents/binary'));
      assert.match(document.getText(), /^00000000 {2}00 ff 41 +\|\.\.A\|\n$/);
      assert.equal(workspace.fs.isWritableFileSystem('etcd-hex'), false);
    });
  });
});
