import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import { unviewValue, viewValue, VIEWS, type ValueView } from '../../../src/etcd/valueViews/valueViews.ts';

const TEXT = 'color: blue\ngröße: 1\n';
const token = (body: object) =>
  [{ alg: 'none' }, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('a value in a view', () => {
  const packed: readonly (readonly [string, ValueView, Uint8Array, string])[] = [
    ['base64', 'base64', Buffer.from(Buffer.from(TEXT).toString('base64')), TEXT],
    ['base64 with a line end', 'base64', Buffer.from(`${Buffer.from(TEXT).toString('base64')}\n`), TEXT],
    ['base64 for addresses', 'base64', Buffer.from(Buffer.from('ab?>~~~').toString('base64url')), 'ab?>~~~'],
    ['gzip', 'gzip', zlib.gzipSync(TEXT), TEXT],
    ['gzip of another level', 'gzip', zlib.gzipSync(TEXT.repeat(50), { level: 1 }), TEXT.repeat(50)],
    ['zstd', 'zstd', zlib.zstdCompressSync(TEXT), TEXT],
    ['Latin-1', 'latin1', Buffer.from('größe', 'latin1'), 'größe'],
    ['UTF-16', 'utf-16le', Buffer.from('größe 漢字', 'utf16le'), 'größe 漢字'],
    ['UTF-16, big end first', 'utf-16be', Buffer.from('größe', 'utf16le').swap16(), 'größe'],
    ['GBK', 'gbk', Buffer.from('c4e3bac3', 'hex'), '你好'],
    ['Shift-JIS', 'shift_jis', Buffer.from('93fa967b', 'hex'), '日本'],
  ];
  for (const [name, view, value, text] of packed)
    it(`is text, which becomes the same bytes again: ${name}`, () => {
      assert.deepEqual(viewValue(view, value), { text, isEditable: true });
      assert.deepEqual(Buffer.from(unviewValue(view, text, value) ?? []), Buffer.from(value));
      const changed = unviewValue(view, `${text}x`, value);
      assert.equal(changed && viewValue(view, changed)?.text, `${text}x`);
    });

  it('is read-only if the same bytes would not come again', () => {
    const strange = Buffer.concat([zlib.gzipSync('a'), zlib.gzipSync('b')]);
    assert.deepEqual(viewValue('gzip', strange), { text: 'ab', isEditable: false });
    assert.equal(unviewValue('gzip', 'abc', strange), undefined);
    assert.equal(viewValue('gzip', zlib.gzipSync('a\r\nb\n'))?.isEditable, false);
    assert.equal(viewValue('utf-16le', Buffer.from('\uFEFFa', 'utf16le'))?.isEditable, false);
  });

  it('refuses characters that the encoding does not have', () => {
    assert.equal(unviewValue('latin1', '漢', Buffer.from('größe', 'latin1')), undefined);
    assert.equal(unviewValue('gbk', '😀', Buffer.from('c4e3', 'hex')), undefined);
  });

  it('is a token without a claim that it is genuine', () => {
    const shown = viewValue('jwt', Buffer.from(`${token({ sub: 'me' })}.c2ln`));
    assert.match(shown?.text ?? '', /^\/\/ The signature was NOT verified[^\n]*\n\{\n {2}"header"[^]*"sub": "me"/);
    assert.equal(shown?.isEditable, false);
  });

  it('has the times of numbers', () => {
    const shown = viewValue('times', Buffer.from('a: 1700000000, b: 1700000000123, c: 12, d: 11700000000.5'));
    assert.equal(
      shown?.text,
      'a: 1700000000 (2023-11-14T22:13:20.000Z), b: 1700000000123 (2023-11-14T22:13:20.123Z), c: 12, d: 11700000000.5',
    );
    assert.equal(shown.isEditable, false);
  });

  it('does not exist for what has another form', () => {
    const plain = Buffer.from('color: blue');
    for (const view of VIEWS) assert.equal(viewValue(view, plain), undefined, view);
    assert.equal(viewValue('gzip', Uint8Array.of(0x1f, 0x8b, 1, 2)), undefined);
    assert.equal(viewValue('base64', Buffer.from(Buffer.of(0, 255).toString('base64'))), undefined);
    assert.equal(viewValue('jwt', Buffer.from('a.b.c')), undefined);
  });

  it('is bounded, whatever it would unpack to', () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'));
    assert.equal(viewValue('gzip', bomb), undefined);
    assert.equal(viewValue('zstd', zlib.zstdCompressSync(Buffer.alloc(64 * 1024 * 1024, 'a'))), undefined);
  });
});
