import assert from 'node:assert/strict';
import { linesOf } from '../../../../src/documents/keptBytes/lines.ts';
import { typedText, type SaveSettings } from '../../../../src/documents/keptBytes/typedText.ts';
import { Random } from '../../listing/random.ts';
import { Editor } from './editor.ts';

const ALL: SaveSettings = {
  trimTrailingWhitespace: true,
  insertFinalNewline: true,
  trimFinalNewlines: true,
  formats: false,
};
const NONE: SaveSettings = {
  trimTrailingWhitespace: false,
  insertFinalNewline: false,
  trimFinalNewlines: false,
  formats: false,
};

function saved(editor: Editor, settings = ALL): string {
  return typedText(editor.edited, settings, false).text;
}

/** Does what VS Code does with all of these settings on. */
function save(editor: Editor): void {
  editor.trimTrailingWhitespace();
  editor.insertFinalNewline();
  editor.trimFinalNewlines();
}

describe('what was typed', () => {
  for (const [name, base, wanted] of [
    ['mixed line ends', 'a\r\nb\nc', 'xa\r\nb\nc'],
    ['a lone carriage return', 'a\rb', 'xa\rb'],
    ['no final newline', '8080', 'x8080'],
    ['spaces at ends of lines', 'a  \nb\t', 'xa  \nb\t'],
    ['many final newlines', 'a\n\n\n', 'xa\n\n\n'],
  ] as const)
    it(`leaves all else of a value with ${name}`, () => {
      const editor = new Editor(base);
      editor.type(0, 0, 'x');
      save(editor);
      assert.equal(saved(editor), wanted);
    });

  it('lacks a newline that a setting adds where the cursor is', () => {
    const editor = new Editor('8080');
    editor.type(0, 4, '1');
    editor.insertFinalNewline(true);
    const { text, isLess } = typedText(editor.edited, ALL, false);
    assert.deepEqual([text, isLess], ['80801', true]);
  });

  it('has what a person did that a setting would do too', () => {
    const enter = new Editor('a');
    enter.type(0, 1, '\n');
    assert.equal(saved(enter), 'a\n');
    const backspace = new Editor('a  ');
    backspace.type(0, 1, '', 2);
    assert.equal(saved(backspace), 'a');
  });

  it('has each edit where no setting is on', () => {
    const editor = new Editor('a  ');
    editor.type(0, 0, 'x');
    save(editor);
    const { text, isLess } = typedText(editor.edited, NONE, false);
    assert.deepEqual([text, isLess], ['xa\n', false]);
  });

  it('stays apart from what settings did before a save that failed', () => {
    const editor = new Editor('a  \r\nb\n\n');
    editor.type(0, 0, 'x');
    save(editor);
    editor.type(1, 1, 'y');
    save(editor);
    assert.equal(saved(editor), 'xa  \r\nby\n\n');
  });

  it('is everything once undo has put back what a setting did', () => {
    const editor = new Editor('a ');
    editor.type(0, 0, 'x');
    editor.trimTrailingWhitespace();
    const end = { line: 0, character: 2 };
    editor.edit([{ start: end, end, text: ' ' }], { isUndoOrRedo: true });
    assert.equal(saved(editor), 'xa ');
  });

  it('lacks what other extensions do while VS Code saves', () => {
    const editor = new Editor('a');
    editor.type(0, 0, 'x');
    editor.edit([{ start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: '// ' }], {
      isInSave: true,
    });
    assert.equal(saved(editor, NONE), 'xa');
  });

  it('has what was typed while VS Code saves, also before the cursor is known to have moved', () => {
    const editor = new Editor('two');
    const typing = { isAtCursor: true, hasMoved: false, isInSave: true };
    editor.edit([{ start: { line: 0, character: 0 }, end: { line: 0, character: 3 }, text: 't' }], typing);
    for (const [at, letter] of [...'hree'].entries()) {
      const place = { line: 0, character: at + 1 };
      editor.edit([{ start: place, end: place, text: letter }], typing);
    }
    assert.equal(saved(editor), 'three');
  });

  it('has everything if somebody types behind what another extension did during a save', () => {
    const editor = new Editor('abcdef');
    const front = { line: 0, character: 0 };
    editor.edit([{ start: front, end: front, text: '// ' }], { isInSave: true });
    editor.type(0, 5, 'X');
    assert.equal(saved(editor, NONE), '// abXcdef');
  });

  it('has the line ends that the user chose', () => {
    const editor = new Editor('a\nb\n');
    editor.type(0, 0, 'x');
    editor.convert('\r\n');
    assert.equal(saved(editor), 'xa\r\nb\r\n');
  });

  it('is unsure of a formatter, and follows the answer', () => {
    const editor = new Editor('{"a":1}');
    editor.type(0, 5, '1');
    const whole = { start: { line: 0, character: 0 }, end: { line: 0, character: 8 } };
    editor.edit([{ ...whole, text: '{ "a": 11 }' }]);
    const settings = { ...NONE, formats: true };
    assert.deepEqual(typedText(editor.edited, settings, false), {
      text: '{ "a": 11 }',
      isLess: false,
      isUnsure: true,
      isExplained: true,
    });
    assert.equal(typedText(editor.edited, settings, true).text, '{"a":11}');
  });

  it('keeps the ends of lines that a replacement of the whole text leaves', () => {
    const editor = new Editor('a\r\nb\nc\rd');
    const end = { line: 3, character: 1 };
    editor.edit([{ start: { line: 0, character: 0 }, end, text: 'a\nb\nnew\nc\nd' }], { isAtCursor: undefined });
    assert.equal(saved(editor, NONE), 'a\r\nb\nnew\nc\rd');
  });

  it('is found by comparing lines if the edits do not lead to it', () => {
    const edited = { base: 'a\r\nb\nc\rd', eol: '\n', edits: [], shown: 'a\nB\nc\nnew\nd' } as const;
    assert.equal(typedText(edited, ALL, false).text, 'a\r\nB\nc\rnew\rd');
    assert.equal(typedText({ ...edited, shown: 'a\nb\nc\nd' }, ALL, false).text, edited.base);
  });

  it('goes on from a text that was not saved before a restart', () => {
    const editor = new Editor('ax\nb');
    editor.type(0, 2, 'y');
    editor.insertFinalNewline();
    const edited = { ...editor.edited, base: 'a\rb', start: editor.base };
    assert.equal(typedText(edited, ALL, false).text, 'axy\rb');
  });

  it('takes any edits of any value, whatever the settings do', () => {
    const random = new Random(4242);
    for (let round = 0; round < 2000; round++) {
      const parts = Array.from({ length: 1 + random.below(8) }, () =>
        random.pick(['ab', 'c ', '\t', 'ü', '\n', '\n', '\r\n', '\r', ' \n']),
      );
      const editor = new Editor(parts.join(''));
      // Without line ends, because which end a new line has is a rule of its own.
      let wanted = linesOf(editor.base);
      for (let count = 1 + random.below(4); count > 0; count--) {
        const line = random.below(editor.lines.length);
        const { length } = editor.lines[line]?.text ?? '';
        const character = random.below(length + 1);
        const deleted = random.below(length - character + 1);
        const text = random.pick(['', 'x', 'yz ', ' ']);
        if (deleted === 0 && text === '') continue;
        editor.type(line, character, text, deleted);
        wanted = wanted.map((each, index) =>
          index === line
            ? { ...each, text: each.text.slice(0, character) + text + each.text.slice(character + deleted) }
            : each,
        );
      }
      if (editor.edits.length === 0) continue;
      save(editor);
      const whole = wanted.map(({ text, end }) => text + end).join('');
      assert.equal(saved(editor), whole, JSON.stringify([editor.base, editor.edits]));
    }
  });
});
