import assert from 'node:assert/strict';
import { hexDump, hexDumpLength } from '../../../../src/documents/readOnly/hexDump.ts';
import { Random } from '../../listing/random.ts';

const dump = (bytes: Uint8Array): string => Buffer.from(hexDump(bytes)).toString('latin1');

describe('hexDump', () => {
  it('shows offset, bytes and characters', () => {
    assert.equal(
      dump(new TextEncoder().encode('Hello, wörld!\n ~\x7f\0')),
      [
        '00000000  48 65 6c 6c 6f 2c 20 77  c3 b6 72 6c 64 21 0a 20  |Hello, w..rld!. |\n',
        '00000010  7e 7f 00                                          |~..|\n',
      ].join(''),
    );
  });

  it('has no line for no bytes', () => {
    assert.equal(dump(new Uint8Array()), '');
    assert.equal(hexDumpLength(0), 0);
  });

  it('counts offsets in eight digits', () => {
    assert.match(dump(new Uint8Array(0x12345)), /\n00012340 {2}00 00 00 00 00 {2,}\|\.{5}\|\n$/);
  });

  it('shows every byte of any length, in a view as well', () => {
    const random = new Random(3);
    for (let length = 0; length < 70; length++) {
      const bytes = random.bytes(length + 1).subarray(1);
      const text = dump(bytes);
      const shown = text.split('\n').flatMap((line) => line.slice(10, 59).match(/[0-9a-f]{2}/g) ?? []);
      assert.equal(shown.join(''), Buffer.from(bytes).toString('hex'));
      assert.equal(text.length, hexDumpLength(length));
    }
  });
});
