import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  EndOfLine,
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

  /** Returns the bytes that etcd has, asked without any code of ours. */
  async function bytesOf(key: string): Promise<Buffer> {
    const answer = await fetch(`${ENDPOINT}/v3/kv/range`, { method: 'POST', body: JSON.stringify({ key: btoa(key) }) });
    const { kvs } = (await answer.json()) as { readonly kvs?: readonly { readonly value?: string }[] };
    return Buffer.from(kvs?.[0]?.value ?? '', 'base64');
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
    // Auto save could come between an edit and its save; a new line gets no spaces that nobody typed.
    await settings.set('files.autoSave', 'off');
    await settings.set('editor.autoIndent', 'none');
    const random = new Random(7);
    for (let round = 0; round < 40; round++) {
      for (const [name, value] of SETTINGS) await settings.set(name, random.below(2) === 0 ? value : undefined);
      const parts = Array.from({ length: 1 + random.below(8) }, () =>
        random.pick(['ab', 'c ', '\t', 'ü', '\n', '\n', '\r\n', '\r', ' \n', '\ufeff']),
      );
      const key = `kept-random-${round}`;
      const document = await open(key, parts.join(''));
      const text = parts.join('').replace(/^\ufeff/, '');
      await documentShows(document, text);
      const wanted = new WantedText(text, document.eol === EndOfLine.CRLF ? '\r\n' : '\n');
      const done: unknown[] = [parts.join(''), document.encoding];
      for (let count = 1 + random.below(4); count > 0; count--) done.push(await editAtRandom(document, wanted, random));
      // What VS Code trims where the cursor is looks like what a person deletes, and counts as that.
      for (const editor of window.visibleTextEditors) editor.selection = new Selection(0, 0, 0, 0);
      assert.ok(await document.save());
      const mark = parts[0] === '\ufeff' ? '\ufeff' : '';
      assert.deepEqual(await bytesOf(key), Buffer.from(mark + wanted.text), JSON.stringify(done));
      await commands.executeCommand('workbench.action.closeAllEditors');
    }
  });

  /** Types, inserts, breaks a line, deletes or pastes somewhere, and tells what it did. */
  async function editAtRandom(document: TextDocument, wanted: WantedText, random: Random): Promise<unknown[]> {
    const line = random.below(document.lineCount);
    const { length } = document.lineAt(line).text;
    const position = new Position(line, random.below(length + 1));
    const kind = random.pick(['type', 'insert', 'enter', 'backspace', 'delete', 'paste']);
    if (kind === 'type' || kind === 'insert') {
      const text = random.pick(['x', 'yz ', ' ', 'ä']);
      await (kind === 'type' ? type : insert)(document, position, text);
      wanted.replace(position, position, text);
      return [kind, position, text];
    }
    if (kind === 'enter' || kind === 'paste') {
      const text = kind === 'enter' ? '\n' : random.pick(['p', 'p\nq', 'ö\r\n', '\n\np ']);
      const editor = await window.showTextDocument(document);
      editor.selection = new Selection(position, position);
      await commands.executeCommand(kind === 'enter' ? 'default:type' : 'default:paste', { text });
      wanted.replace(position, position, text);
      return [kind, position, text];
    }
    const other = kind === 'backspace' ? placeBefore(document, position) : placeAfter(document, position);
    if (!other) return [];
    const editor = await window.showTextDocument(document);
    editor.selection = new Selection(position, position);
    await commands.executeCommand(kind === 'backspace' ? 'deleteLeft' : 'deleteRight');
    const [from, to] = kind === 'backspace' ? [other, position] : [position, other];
    wanted.replace(from, to, '');
    return [kind, position];
  }
});

/** The place that the backspace key deletes up to. */
function placeBefore(document: TextDocument, { line, character }: Position): Position | undefined {
  if (character > 0) return new Position(line, character - 1);
  return line > 0 ? document.lineAt(line - 1).range.end : undefined;
}

/** The place that the delete key deletes up to. */
function placeAfter(document: TextDocument, position: Position): Position | undefined {
  if (position.character < document.lineAt(position.line).text.length) return position.translate(0, 1);
  return position.line + 1 < document.lineCount ? new Position(position.line + 1, 0) : undefined;
}

/** A value as it must be after edits: each line keeps its end, and a new line ends as the line that it was part of. */
class WantedText {
  /** Lines and their ends, in turns. */
  readonly #parts: string[];
  readonly #usual: string;

  /** @param usual the line end in a value that has none */
  constructor(text: string, usual: string) {
    this.#parts = text.split(/(\r\n|\r|\n)/);
    this.#usual = usual;
  }

  get text(): string {
    return this.#parts.join('');
  }

  replace(from: Position, to: Position, text: string): void {
    const [first, last] = [this.#parts[from.line * 2] ?? '', this.#parts[to.line * 2] ?? ''];
    const end = this.#parts[to.line * 2 + 1] ?? this.#parts[from.line * 2 - 1] ?? this.#usual;
    const lines = `${first.slice(0, from.character)}${text}${last.slice(to.character)}`.split(/\r\n|\n/);
    const ended = lines.flatMap((line, index) => (index === 0 ? [line] : [end, line]));
    this.#parts.splice(from.line * 2, (to.line - from.line) * 2 + 1, ...ended);
  }
}
