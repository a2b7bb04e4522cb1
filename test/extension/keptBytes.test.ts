import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Position,
  Range,
  Selection,
  TextEdit,
  WorkspaceEdit,
  commands,
  languages,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { bytes } from '../etcd/connecting.ts';
import { Random } from '../unit/listing/random.ts';
import { CONNECTION, uriOf } from './documentUris.ts';
import { ENDPOINT, Outside } from './outside.ts';
import { ChangedSettings, setConnections, setLive } from './settings.ts';

/** Milliseconds. */
const PAUSE = 20;
/** What makes VS Code change more than a person types. */
const SETTINGS: readonly (readonly [name: string, value: unknown])[] = [
  ['files.insertFinalNewline', true],
  ['files.trimTrailingWhitespace', true],
  ['files.trimFinalNewlines', true],
  ['files.eol', '\r\n'],
  ['files.encoding', 'windows1252'],
];

/** Resolves when a document shows a text, whose lines it ends in its own way. */
async function documentShows(document: TextDocument, text: string): Promise<void> {
  const normalized = (each: string) => each.replaceAll(/\r\n?/g, '\n');
  while (normalized(document.getText()) !== normalized(text)) await delay(PAUSE);
}

describe('bytes of documents', () => {
  let outside: Outside;
  const settings = new ChangedSettings();

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
    for (const document of workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
      await window.showTextDocument(document);
      await commands.executeCommand('workbench.action.files.revert');
    }
    await commands.executeCommand('workbench.action.closeAllEditors');
    await settings.restore();
  });

  async function open(key: string, value: string | Uint8Array): Promise<TextDocument> {
    await outside.put([key, value]);
    return await workspace.openTextDocument(uriOf(key));
  }

  /** Types as a person does: at the cursor of an editor. */
  async function type(document: TextDocument, position: Position, text: string): Promise<void> {
    const editor = await window.showTextDocument(document);
    editor.selection = new Selection(position, position);
    await commands.executeCommand('default:type', { text });
  }

  async function insert(document: TextDocument, position: Position, text: string): Promise<void> {
    const edit = new WorkspaceEdit();
    edit.insert(document.uri, position, text);
    assert.ok(await workspace.applyEdit(edit));
  }

  /** Returns the bytes that etcd has, without what a decoder would leave out. */
  async function bytesOf(key: string): Promise<Buffer> {
    return Buffer.from((await outside.store.get(bytes(key))).kv?.value ?? []);
  }

  const valueOf = async (key: string) => (await bytesOf(key)).toString();

  const end = (document: TextDocument) => document.lineAt(document.lineCount - 1).range.end;

  for (const [name, value] of SETTINGS)
    it(`stay where nothing was typed, although ${name} is ${JSON.stringify(value)}`, async () => {
      await settings.set(name, value);
      const written = 'a  \r\nü\nb\rc';
      const document = await open(`kept-${name}`, written);
      await type(document, new Position(0, 1), 'x');
      assert.ok(await document.save());
      assert.equal(await valueOf(`kept-${name}`), 'ax  \r\nü\nb\rc');
    });

  it('are UTF-8, whatever files.encoding says', async () => {
    await settings.set('files.encoding', 'windows1252');
    const document = await open('kept-encoding', 'grün');
    await type(document, new Position(0, 4), 'ä');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-encoding'), 'grünä');
  });

  it('are found again in a document that shows them as another encoding', async () => {
    await settings.set('files.encoding', 'windows1252');
    const document = await open('kept-early', 'ü\nü\r\n');
    // At once, before the document shows UTF-8.
    await insert(document, new Position(1, 0), 'ä');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-early'), 'ü\näü\r\n');
    await documentShows(document, 'ü\näü\n');
  });

  it('get no final newline where the cursor is, and the document shows that', async () => {
    await settings.set('files.insertFinalNewline', true);
    const document = await open('kept-port', '8080');
    await type(document, end(document), '1');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-port'), '80801');
    await documentShows(document, '80801');
    await type(document, end(document), '2');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-port'), '808012');
    await documentShows(document, '808012');
  });

  it('keep their byte order mark', async () => {
    const document = await open('kept-mark', '\ufeffa\r\nb\n');
    await insert(document, new Position(0, 0), 'x');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-mark'), '\ufeffxa\r\nb\n');
  });

  it('get no byte order mark from files.encoding', async () => {
    await settings.set('files.encoding', 'utf8bom');
    const document = await open('kept-no-mark', 'a');
    await insert(document, new Position(0, 1), 'ü');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-no-mark'), 'aü');
  });

  it('lack what another extension changes while VS Code saves, and are no auto save', async () => {
    // Auto save would be refused.
    await settings.set('files.autoSaveDelay', 24 * 60 * 60 * 1000);
    await settings.set('files.autoSave', 'afterDelay');
    const document = await open('kept-other', 'a\n');
    const other = workspace.onWillSaveTextDocument((event) => {
      if (event.document === document) event.waitUntil(Promise.resolve([TextEdit.insert(new Position(0, 0), '// ')]));
    });
    try {
      // At a cursor, it would look like what a person types while the document is saved.
      await type(document, new Position(0, 1), 'b');
      assert.ok(await document.save());
    } finally {
      other.dispose();
    }
    assert.equal(await valueOf('kept-other'), 'ab\n');
  });

  it('stay when a document is saved that nobody has changed', async () => {
    const document = await open('kept-clean', 'a\r\nb\rc\n');
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.save');
    assert.equal(await valueOf('kept-clean'), 'a\r\nb\rc\n');
  });

  it('are those that another extension writes, although a document shows the key', async () => {
    const uri = uriOf('kept-direct');
    const document = await open('kept-direct', 'a\r\nb\rc\n');
    await workspace.fs.stat(uri);
    await workspace.fs.readFile(uri);
    await workspace.fs.writeFile(uri, bytes('a\nb\r\nc'));
    assert.equal(await valueOf('kept-direct'), 'a\nb\r\nc');
    assert.ok(!document.isDirty);
  });

  it('change as VS Code is set, if etcd.keepBytes is off', async () => {
    await settings.set('etcd.keepBytes', false);
    await settings.set('files.insertFinalNewline', true);
    const document = await open('kept-off', '8080');
    await type(document, end(document), '1');
    assert.ok(await document.save());
    assert.equal(await valueOf('kept-off'), '80801\n');
  });

  it('are those of a formatted text, where no setting formats', async () => {
    const formatter = languages.registerDocumentFormattingEditProvider(
      { scheme: 'etcd' },
      {
        provideDocumentFormattingEdits: (document) => [
          TextEdit.replace(new Range(new Position(0, 0), end(document)), document.getText().replaceAll(':', ': ')),
        ],
      },
    );
    try {
      const document = await open('kept-format', 'a:1\r\nb:2\nc\r');
      await window.showTextDocument(document);
      await commands.executeCommand('editor.action.formatDocument');
      assert.ok(document.isDirty);
      assert.ok(await document.save());
      assert.equal(await valueOf('kept-format'), 'a: 1\r\nb: 2\nc\r');
    } finally {
      formatter.dispose();
    }
  });

  it('are what was typed, for any value, edits and settings', async function () {
    this.timeout('10m');
    // Auto save could come between an edit and its save.
    await settings.set('files.autoSave', 'off');
    const random = new Random(7);
    for (let round = 0; round < 40; round++) {
      for (const [name, value] of SETTINGS) await settings.set(name, random.below(2) === 0 ? value : undefined);
      const parts = Array.from({ length: 1 + random.below(8) }, () =>
        random.pick(['ab', 'c ', '\t', 'ü', '\n', '\n', '\r\n', '\r', ' \n', '\ufeff']),
      );
      const key = `kept-random-${round}`;
      const document = await open(key, parts.join(''));
      const lines = parts
        .join('')
        .replace(/^\ufeff/, '')
        .split(/(\r\n|\r|\n)/);
      await documentShows(document, parts.join('').replace(/^\ufeff/, ''));
      const description = JSON.stringify([parts.join(''), document.encoding]);
      for (let count = 1 + random.below(3); count > 0; count--) {
        const line = random.below(document.lineCount);
        const { length } = document.lineAt(line).text;
        const position = new Position(line, random.below(length + 1));
        const text = random.pick(['x', 'yz ', ' ', 'ä']);
        await (random.below(2) === 0 ? type : insert)(document, position, text);
        const old = lines[line * 2] ?? '';
        lines[line * 2] = old.slice(0, position.character) + text + old.slice(position.character);
      }
      // What VS Code trims where the cursor is looks like what a person deletes, and counts as that.
      for (const editor of window.visibleTextEditors) editor.selection = new Selection(0, 0, 0, 0);
      assert.ok(await document.save());
      const mark = parts[0] === '\ufeff' ? '\ufeff' : '';
      assert.deepEqual(await bytesOf(key), Buffer.from(mark + lines.join('')), description);
      await commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
