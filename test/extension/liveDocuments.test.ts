import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  commands,
  FileChangeType,
  Range,
  window,
  workspace,
  WorkspaceEdit,
  type CodeLens,
  type TextDocument,
  type Uri,
} from 'vscode';
import { until } from '../etcd/eventually.ts';
import { watchersAt } from '../etcd/watchers.ts';
import { CONNECTION, hexUriOf, uriOf } from './documentUris.ts';
import { Gate } from './gate.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';

describe('live documents', () => {
  let outside: Outside;
  let gate: Gate;

  before(async () => {
    outside = await Outside.connect();
    gate = await Gate.open();
    await setConnections({ name: CONNECTION, endpoints: [gate.endpoint] });
  });
  after(async () => {
    await setConnections();
    await gate.close();
    await outside.deletePrefix('/live-documents/');
    outside.close();
  });
  afterEach(async () => {
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function open(uri: Uri): Promise<TextDocument> {
    // Opens as a click does: a document that a test requests itself would stay for minutes.
    await commands.executeCommand('vscode.open', uri);
    const document = window.activeTextEditor?.document;
    assert.equal(document?.uri.toString(), uri.toString());
    assert.ok(document);
    return document;
  }

  async function shows(document: TextDocument, isShown: () => boolean): Promise<void> {
    while (!isShown()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = workspace.onDidChangeTextDocument((event) => {
        if (event.document === document) resolve();
      });
      await promise;
      listener.dispose();
    }
  }

  /** Waits for the lines above a document's text. */
  async function noticesOf(document: TextDocument, isSo: (titles: readonly string[]) => boolean): Promise<void> {
    for (;;) {
      const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
      const titles = lenses.map(({ command }) => command?.title ?? '');
      if (isSo(titles)) return;
      await delay(20);
    }
  }

  async function type(document: TextDocument, text: string): Promise<void> {
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, new Range(0, 0, document.lineCount, 0), text);
    assert.ok(await workspace.applyEdit(edit));
  }

  it('follow each change by themselves while nobody has edited them', async () => {
    await outside.put(['/live-documents/a', 'one']);
    const document = await open(uriOf('/live-documents/a'));
    for (const text of ['two', '22!', 'and a longer one', '']) {
      await outside.put(['/live-documents/a', text]);
      await shows(document, () => document.getText() === text);
      assert.equal(document.isDirty, false);
    }
  });

  it('follow as hex dumps, too', async () => {
    await outside.put(['/live-documents/binary', Uint8Array.of(0, 1)]);
    const document = await open(hexUriOf('/live-documents/binary'));
    await outside.put(['/live-documents/binary', Uint8Array.of(0, 255)]);
    await shows(document, () => document.getText().includes('00 ff'));
  });

  it('follow a key that is deleted and created again', async () => {
    await outside.put(['/live-documents/again', 'one']);
    const document = await open(uriOf('/live-documents/again'));
    await outside.deletePrefix('/live-documents/again');
    await outside.put(['/live-documents/again', 'two']);
    await shows(document, () => document.getText() === 'two');
  });

  it('miss nothing while the connection is cut', async () => {
    await outside.put(['/live-documents/cut', 'one']);
    const document = await open(uriOf('/live-documents/cut'));
    await gate.cut();
    await outside.put(['/live-documents/cut', 'two']);
    await gate.restore();
    await shows(document, () => document.getText() === 'two');
  });

  it('keep unsaved text, and save it only after a question, with what others have written', async () => {
    await outside.put(['/live-documents/dirty', 'one']);
    const document = await open(uriOf('/live-documents/dirty'));
    await type(document, 'mine');
    await outside.put(['/live-documents/dirty', 'two']);
    await noticesOf(document, (titles) => titles.some((title) => /Changed in etcd since you opened it/.test(title)));
    assert.equal(await document.save(), false);
    assert.equal(document.getText(), 'mine');
    assert.equal(await outside.value('/live-documents/dirty'), 'two');
  });

  it('take their own saves for nothing new', async () => {
    await outside.put(['/live-documents/own', 'one']);
    const document = await open(uriOf('/live-documents/own'));
    const told: FileChangeType[] = [];
    const watcher = workspace.createFileSystemWatcher('**');
    watcher.onDidChange((uri) => {
      if (uri.toString() === document.uri.toString()) told.push(FileChangeType.Changed);
    });
    for (const text of ['two', 'three']) {
      await type(document, text);
      assert.ok(await document.save());
      await noticesOf(document, (titles) => titles.length === 0);
    }
    // Its event follows those of the saves in the same watch, which have therefore arrived.
    await outside.put(['/live-documents/own', 'theirs']);
    await shows(document, () => document.getText() === 'theirs');
    watcher.dispose();
    assert.ok(told.length <= 1, String(told.length));
  });

  it('say above unsaved text that the key was deleted, until that text is given up', async () => {
    await outside.put(['/live-documents/gone', 'one']);
    const document = await open(uriOf('/live-documents/gone'));
    await type(document, 'mine');
    await noticesOf(document, (titles) => titles.length === 0);
    await outside.deletePrefix('/live-documents/gone');
    await noticesOf(document, (titles) => titles.some((title) => /deleted in etcd/.test(title)));
    await outside.put(['/live-documents/gone', 'again']);
    await noticesOf(document, (titles) => titles.some((title) => /Changed in etcd/.test(title)));
    await commands.executeCommand('workbench.action.files.revert');
    await noticesOf(document, (titles) => titles.length === 0);
    assert.equal(document.getText(), 'again');
  });

  it('end with their editors: nothing is asked or heard any more', async () => {
    const watchers = await watchersAt(ENDPOINT);
    await outside.put(['/live-documents/closed', 'one']);
    const document = await open(uriOf('/live-documents/closed'));
    await outside.put(['/live-documents/closed', 'two']);
    await shows(document, () => document.getText() === 'two');
    const closed = Promise.withResolvers<void>();
    const listener = workspace.onDidCloseTextDocument((each) => {
      if (each === document) closed.resolve();
    });
    await commands.executeCommand('workbench.action.closeAllEditors');
    await closed.promise;
    listener.dispose();
    await until(async () => (await watchersAt(ENDPOINT)) <= watchers);
    let number = 0;
    await until(async () => {
      const before = await gate.quietened();
      await outside.put(['/live-documents/closed', `again ${++number}`]);
      // A sign of life of the session may come between; a document that still follows asks after each change.
      return (await gate.quietened()) === before;
    });
  });
});
