import assert from 'node:assert/strict';
import { KeyTextError, keyText, parseKeyText } from '../../../src/etcd/keys/keyText.ts';
import { Random } from '../listing/random.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('keyText', () => {
  const printable = ['/registry/pods/a', '', ' leading and trailing ', 'größe/日本/🙂', 'a//b?#%20\'"', 'e\u0301'];
  for (const text of printable) {
    it(`leaves ${JSON.stringify(text)} as it is`, () => {
      assert.equal(keyText(utf8(text)), text);
      assert.deepEqual(parseKeyText(text), utf8(text));
    });
  }

  const escaped: [string, Uint8Array, string][] = [
    ['a backslash', utf8('a\\x41'), String.raw`a\\x41`],
    ['control characters', utf8('\0\t\r\n\x7f\u0085'), String.raw`\x00\x09\x0d\x0a\x7f\xc2\x85`],
    ['line and paragraph separators', utf8('\u2028\u2029'), String.raw`\xe2\x80\xa8\xe2\x80\xa9`],
    ['spaces other than the plain one', utf8(' \u00a0\u3000'), String.raw` \xc2\xa0\xe3\x80\x80`],
    ['format characters', utf8('\u200b\u202e\ufeff'), String.raw`\xe2\x80\x8b\xe2\x80\xae\xef\xbb\xbf`],
    ['private and unassigned characters', utf8('\ue000\uffff'), String.raw`\xee\x80\x80\xef\xbf\xbf`],
    ['stray and cut bytes', Uint8Array.of(0x61, 0x80, 0xe2, 0x82, 0xff, 0x62), String.raw`a\x80\xe2\x82\xffb`],
    ['overlong forms', Uint8Array.of(0xc0, 0xaf, 0xe0, 0x80, 0xaf), String.raw`\xc0\xaf\xe0\x80\xaf`],
    ['encoded surrogates', Uint8Array.of(0xed, 0xa0, 0x80), String.raw`\xed\xa0\x80`],
    ['sequences beyond U+10FFFF', Uint8Array.of(0xf4, 0x90, 0x80, 0x80), String.raw`\xf4\x90\x80\x80`],
  ];
  for (const [what, key, text] of escaped) {
    it(`escapes ${what}`, () => {
      assert.equal(keyText(key), text);
      assert.deepEqual(parseKeyText(text), key);
    });
  }

  it('keeps a replacement character apart from the bytes that decode to one', () => {
    assert.equal(keyText(utf8('\ufffd')), '\ufffd');
    assert.equal(keyText(Uint8Array.of(0xff)), String.raw`\xff`);
  });

  it('reads a view into a larger buffer', () => {
    assert.equal(keyText(utf8('xaby').subarray(1, 3)), 'ab');
  });

  it('gives every key one text of printable characters that leads back to it alone', () => {
    const random = new Random(1);
    const pieces = ['\\', '\\x', '\\\\', '/', ' ', 'a', '00', 'é', '€', '🙂', '\u200d', '\u2028', '\ufffd'] as const;
    const keys = new Map<string, string>();
    for (let run = 0; run < 20_000; run++) {
      const parts = Array.from({ length: random.below(6) }, () =>
        random.below(2) === 0 ? utf8(random.pick(pieces)) : random.bytes(random.below(4)),
      );
      const key = new Uint8Array(Buffer.concat(parts));
      const text = keyText(key);
      const hex = Buffer.from(key).toString('hex');
      assert.deepEqual(parseKeyText(text), key, hex);
      assert.doesNotMatch(text, /[^\P{C} ]|[^\P{Z} ]/u, hex);
      assert.equal(keys.get(text) ?? hex, hex, text);
      keys.set(text, hex);
    }
  });
});

describe('parseKeyText', () => {
  it('takes escapes that need not be and capital digits', () => {
    assert.deepEqual(parseKeyText(String.raw`\x61\xFF\xc3\xa9`), Uint8Array.of(0x61, 0xff, 0xc3, 0xa9));
  });

  const bad: [string, RegExp][] = [
    ['\\', /^The escape \\ at position 1 is not/],
    [String.raw`ab\n`, /^The escape \\n at position 3 is not/],
    [String.raw`\\\x`, /^The escape \\x at position 3 is not/],
    [String.raw`\x6`, /^The escape \\x6 at position 1 is not/],
    [String.raw`\x61\xg1/`, /^The escape \\xg1 at position 5 is not/],
    [String.raw`\X41`, /^The escape \\X at position 1 is not/],
    ['\\🙂', /^The escape \\🙂 at position 1 is not/],
    ['a\ud83d', /^Half of a surrogate pair at position 2 stands/],
  ];
  for (const [text, message] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseKeyText(text),
        (error) => error instanceof KeyTextError && message.test(error.message),
      );
    });
  }
});
