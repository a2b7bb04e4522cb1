import assert from 'node:assert/strict';
import { commands, window, workspace } from 'vscode';
import { until } from '../etcd/eventually.ts';
import { CONNECTION, uriOf } from './documentUris.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { replaceText } from './replaceText.ts';
import { setConnections, setLive } from './settings.ts';

describe('the language of a document', () => {
  let outside: Outside;

  before(async () => {
    outside = await Outside.connect();
    await setConnections({ name: CONNECTION, endpoints: [ENDPOINT] });
    await setLive(false);
  });
  after(async () => {
    await setLive(undefined);
    await setConnections();
    outside.close();
  });
  afterEach(async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('is the one that its name shows, or else the one that its text shows', async () => {
    await outside.put(['/languages/text', '{"a": 1}'], ['/languages/name.yaml', '{"a": 1}']);
    const named = await workspace.openTextDocument(uriOf('/languages/name.yaml'));
    assert.equal(named.languageId, 'yaml');
    const document = await workspace.openTextDocument(uriOf('/languages/text'));
    await until(async () => document.languageId === 'json');
  });

  it('is the same on all sides of a merge', async () => {
    await outside.put(['/languages/merged', '{"a": 1}']);
    const document = await workspace.openTextDocument(uriOf('/languages/merged'));
    await window.showTextDocument(document);
    await replaceText(document, '{"a": 2}');
    await outside.put(['/languages/merged', '{"a": 3}']);
    await commands.executeCommand('etcd.merge');
    const merged = () => workspace.textDocuments.filter(({ uri }) => uri.scheme === 'etcd-merge');
    await until(async () => {
      const languages = merged().map(({ languageId }) => languageId);
      return languages.length === 3 && languages.every((each) => each === 'json');
    });
    // First the merge editor, then the document.
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
