import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { commands, Uri, window, workspace } from 'vscode';
import { viewUriParts } from '../../src/documents/addresses/viewUri.ts';
import { bytes } from '../etcd/connecting.ts';
import { CONNECTION } from './documentUris.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { setConnections } from './settings.ts';

const KEY = '/views/packed';
const uriOf = (view: string, key = KEY) => Uri.from(viewUriParts({ connectionId: CONNECTION, key: bytes(key), view }));

describe('the view of a value', () => {
  let outside: Outside;

  before(async () => {
    outside = await Outside.connect();
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT] });
  });
  beforeEach(() => outside.put([KEY, gzipSync('one\n')]));
  afterEach(async () => {
    await commands.executeCommand('workbench.action.files.revert');
    await commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    await outside.deletePrefix('/views/');
    outside.close();
    await setConnections();
  });

  const stored = async () => {
    const { kv } = await outside.store.get(bytes(KEY));
    return gunzipSync(kv?.value ?? new Uint8Array()).toString();
  };

  async function typed(text: string) {
    const editor = await window.showTextDocument(uriOf('gzip'));
    await editor.edit((edit) => edit.insert(editor.document.positionAt(0), text));
    return editor.document;
  }

  it('is text, and its edit is packed again', async () => {
    const document = await typed('zero\n');
    assert.equal(document.getText(), 'zero\none\n');
    assert.ok(await document.save());
    assert.equal(await stored(), 'zero\none\n');
    const again = await typed('more\n');
    assert.ok(await again.save());
    assert.equal(await stored(), 'more\nzero\none\n');
  });

  it('never writes over a version that it has not shown', async () => {
    const document = await typed('mine\n');
    await outside.put([KEY, gzipSync('two\n')]);
    assert.equal(await document.save(), false);
    assert.equal(await stored(), 'two\n');
  });

  it('is read-only where the bytes would change, or nothing can be written', async () => {
    await outside.put(['/views/times', 'at: 1700000000']);
    const { permissions } = await workspace.fs.stat(uriOf('times', '/views/times'));
    assert.equal(permissions, 1);
    const text = await workspace.openTextDocument(uriOf('times', '/views/times'));
    assert.equal(text.getText(), 'at: 1700000000 (2023-11-14T22:13:20.000Z)');
    const writing = async () => await workspace.fs.writeFile(text.uri, Buffer.from('at: 1'));
    await assert.rejects(writing, /read-only/);
    assert.equal(await outside.value('/views/times'), 'at: 1700000000');
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT], readOnly: true });
    try {
      assert.equal((await workspace.fs.stat(uriOf('gzip'))).permissions, 1);
      await assert.rejects(async () => await workspace.fs.writeFile(uriOf('gzip'), Buffer.from('x')));
      assert.equal(await stored(), 'one\n');
    } finally {
      await setConnections({ name: CONNECTION, endpoints: [ENDPOINT] });
    }
  });

  it('does not exist for another form', async () => {
    await outside.put([KEY, 'plain']);
    await assert.rejects(async () => await workspace.fs.readFile(uriOf('gzip')), /no longer text in the form gzip/);
    await assert.rejects(async () => await workspace.fs.readFile(uriOf('rot13')));
  });
});
