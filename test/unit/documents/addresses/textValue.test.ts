import assert from 'node:assert/strict';
import { isText } from '../../../../src/documents/addresses/textValue.ts';

describe('isText', () => {
  const values: [string, Uint8Array, boolean][] = [
    ['nothing', Uint8Array.of(), true],
    ['UTF-8 with line ends and tabs', new TextEncoder().encode('größe\t1\r\n🙂'), true],
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), true],
    ['a NUL', Uint8Array.of(0x61, 0x00), false],
    ['Latin-1', Uint8Array.of(0x67, 0xf6), false],
    ['a cut character', Uint8Array.of(0xe2, 0x82), false],
    ['an encoded surrogate', Uint8Array.of(0xed, 0xa0, 0x80), false],
  ];
  for (const [what, value, expected] of values) {
    it(`${expected ? 'takes' : 'does not take'} ${what} for text`, () => {
      assert.equal(isText(value), expected);
    });
  }
});
