import assert from 'node:assert/strict';
import { documentName, inert, lines, literal, name } from '../../../src/ui/text/literal.ts';

/** The pattern in both VS Code 1.103 and 1.139. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const ICON = /\$\([A-Za-z0-9~-]+\)/;

describe('a text of somebody else', () => {
  it('has no link and no icon, and looks the same', () => {
    for (const text of [
      '[a](command:x)',
      '[a](COMMAND:x "title")',
      '[[a](http://b)](https://c)',
      'x[a](file:///etc/passwd)y[b](command:z)',
      '$(zap)',
      String.raw`\$(zap) $(sync~spin)`,
      '$($(zap))',
      '[$(zap)](command:x)',
    ]) {
      const shown = inert(text);
      assert.match(text, LINK.test(text) ? LINK : ICON);
      assert.doesNotMatch(shown, LINK);
      assert.doesNotMatch(shown, ICON);
      assert.equal(shown.replaceAll('\u2060', ''), text);
      assert.equal(inert(shown), shown, 'stays as it is when it is made inert twice');
    }
  });

  it('has no link after its parts were put together, either', () => {
    const [label, address] = ['[click', '](command:x)'];
    assert.doesNotMatch(inert(`The key ${label} of ${address}`), LINK);
  });

  it('shows what would not be seen as escapes, on one line', () => {
    assert.equal(literal('a\nb\r\nc\td'), String.raw`a\nb\r\nc\td`);
    assert.equal(
      literal('\u202Eabc\u2066\u200B\u2028\0\u{E0041}'),
      String.raw`\u202eabc\u2066\u200b\u2028\u0000\u{e0041}`,
    );
    assert.equal(literal('\u3164\u00AD\u2060\uFEFF\ud800'), String.raw`\u3164\u00ad\u2060\ufeff\ud800`);
  });

  it('keeps what people write', () => {
    for (const text of ['größe', '日本語　全角', 'שלום', '⚠️ 👍', '1\u202f000', 'a (b) [c] $d', '{0}'])
      assert.equal(literal(text), text);
  });

  it('is cut in its middle, so that what follows it stays in sight', () => {
    const shown = inert(`Connect ${'\n'.repeat(100_000)} to https://evil.example?`);
    assert.ok(shown.length < 1700);
    assert.match(shown, /^Connect \\n.*…\\n.* to https:\/\/evil\.example\?$/);
    assert.ok(name('x'.repeat(1000)).length <= 80);
  });

  it('is one segment without invisible characters in the name of a document', () => {
    assert.equal(documentName('Check of a/b\n\u202ec'), String.raw`Check of a∕b\n\u202ec`);
    assert.ok(documentName('x'.repeat(1000)).length <= 200);
  });

  it('adds no line to a question', () => {
    assert.deepEqual(lines(['a\nb', 'c']), [String.raw`a\nb`, 'c']);
    assert.deepEqual(lines('a\nb'), [String.raw`a\nb`]);
    assert.equal(lines(Array.from({ length: 1000 }, String)).length, 41);
  });
});
