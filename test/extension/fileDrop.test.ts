import assert from 'node:assert/strict';
import { DataTransfer, DataTransferItem, Uri } from 'vscode';
import { KeyDragAndDrop } from '../../src/views/keys/keyDragAndDrop.ts';

describe('files that are dropped on the tree of keys', () => {
  it('are opened, anywhere in the tree, and nothing else that is dropped is', async () => {
    const opened: string[] = [];
    const dragAndDrop = new KeyDragAndDrop(
      async () => assert.fail('no keys were dragged'),
      async (files) => void opened.push(...files.map(({ fsPath }) => fsPath)),
    );
    assert.ok(dragAndDrop.dropMimeTypes.includes('text/uri-list'));
    const files = ['/backups/two words.db', '/backups/other.db'].map((path) => Uri.file(path));
    const drop = async (text: string) => {
      const data = new DataTransfer();
      data.set('text/uri-list', new DataTransferItem(text));
      await dragAndDrop.handleDrop(undefined, data);
    };
    await drop(files.map(String).join('\r\n'));
    await drop('https://example.org/backup.db\r\netcd://local/key');
    assert.deepEqual(
      opened,
      files.map(({ fsPath }) => fsPath),
    );
  });
});
