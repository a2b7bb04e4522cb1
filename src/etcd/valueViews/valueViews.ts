import * as l10n from '@vscode/l10n';
import * as zlib from 'node:zlib';
import { asText } from '../utf8.ts';
import { decodeText, ENCODINGS, encodeText } from './textEncodings.ts';

// See docs/contributing/decisions/value-views.md

/** Limit of a decoded value: a few bytes can unpack to gigabytes. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Limit of a packed value that can be edited, because packing it again, in each way, blocks everything else. */
const MAX_PACKED_AGAIN = 1024 * 1024;
const OTHERS = ['base64', 'gzip', 'zstd', 'jwt', 'times'] as const;

export const VIEWS = [...OTHERS, ...ENCODINGS] as const;
/** Another form in which a value can be read. */
export type ValueView = (typeof VIEWS)[number];

/** A value in a view. */
export interface ViewedValue {
  readonly text: string;
  /** Whether the text, unchanged, becomes exactly these bytes again. */
  readonly isEditable: boolean;
}

/** Shows a value in a view; undefined if it does not have that form, or its content is not text. */
export function viewValue(view: ValueView, value: Uint8Array): ViewedValue | undefined {
  const text = decode(view, value);
  // VS Code would change a mark of byte order, and lines that end in different ways.
  if (text === undefined || text.includes('\0')) return undefined;
  const isPlain =
    !text.startsWith('\uFEFF') && !/\r(?!\n)/.test(text) && !(text.includes('\r') && /(?<!\r)\n/.test(text));
  const back = isPlain ? encode(view, text, value) : undefined;
  return { text, isEditable: back !== undefined && Buffer.compare(back, value) === 0 };
}

/** Writes an edited text in the form of the old value; undefined if that cannot hold it. */
export function unviewValue(view: ValueView, text: string, old: Uint8Array): Uint8Array | undefined {
  const value = viewValue(view, old)?.isEditable === true ? encode(view, text, old) : undefined;
  return value && decode(view, value) === text ? value : undefined;
}

function decode(view: ValueView, value: Uint8Array): string | undefined {
  try {
    switch (view) {
      case 'base64':
        return fromBase64(value);
      case 'gzip':
        return isGzip(value) ? asText(zlib.gunzipSync(value, { maxOutputLength: MAX_BYTES })) : undefined;
      case 'zstd':
        return isZstd(value) ? asText(zlib.zstdDecompressSync(value, { maxOutputLength: MAX_BYTES })) : undefined;
      case 'jwt':
        return tokenText(value);
      case 'times':
        return timesText(value);
      case 'latin1':
      case 'utf-16le':
      case 'utf-16be':
      case 'gbk':
      case 'shift_jis':
        return decodeText(view, value);
    }
  } catch {
    // What does not unpack is not of that form.
    return undefined;
  }
}

function encode(view: ValueView, text: string, old: Uint8Array): Uint8Array | undefined {
  switch (view) {
    case 'base64':
      return toBase64(text, old);
    case 'gzip':
      return packedAs(
        old,
        [6, 9, 1].map((level) => (bytes) => withHeader(zlib.gzipSync(bytes, { level }), old)),
        text,
        zlib.gunzipSync,
      );
    case 'zstd':
      return packedAs(
        old,
        [3, 1].map((level) => (bytes) => zlib.zstdCompressSync(bytes, zstdOptions(level))),
        text,
        zlib.zstdDecompressSync,
      );
    case 'jwt':
    case 'times':
      return undefined;
    case 'latin1':
    case 'utf-16le':
    case 'utf-16be':
    case 'gbk':
    case 'shift_jis':
      return encodeText(view, text);
  }
}

/** Packs a text with the packer that makes the old value of its own content; undefined if none does. */
function packedAs(
  old: Uint8Array,
  packers: readonly ((bytes: Uint8Array) => Uint8Array)[],
  text: string,
  unpack: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array,
): Uint8Array | undefined {
  const content = unpack(old, { maxOutputLength: MAX_BYTES });
  if (Math.max(content.length, Buffer.byteLength(text)) > MAX_PACKED_AGAIN) return undefined;
  return packers.find((pack) => Buffer.compare(pack(content), old) === 0)?.(Buffer.from(text));
}

function zstdOptions(level: number) {
  return { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } };
}

/** Takes over the time and the system from the old header, which has ten bytes. */
function withHeader(packed: Uint8Array, old: Uint8Array): Uint8Array {
  packed.set(old.subarray(4, 10), 4);
  return packed;
}

function isGzip(value: Uint8Array): boolean {
  return value[0] === 0x1f && value[1] === 0x8b;
}

/** Whether a value is zstd, and this Node.js can unpack that: from 22.15 on. */
function isZstd(value: Uint8Array): boolean {
  return 'zstdDecompressSync' in zlib && Buffer.from(value.subarray(0, 4)).toString('hex') === '28b52ffd';
}

function fromBase64(value: Uint8Array): string | undefined {
  const text = asText(value)?.trim();
  if (text === undefined || text.length < 2 || !/^[A-Za-z\d+/_-]+={0,2}$/.test(text)) return undefined;
  return asText(Buffer.from(text, 'base64'));
}

function toBase64(text: string, old: Uint8Array): Uint8Array {
  const before = Buffer.from(old).toString();
  const isUrl = /[_-]/.test(before);
  const padded = Buffer.from(text).toString('base64');
  const plain = isUrl ? padded.replaceAll('+', '-').replaceAll('/', '_') : padded;
  const isPadded = before.includes('=') || (before.trim().length % 4 === 0 && !isUrl);
  const [, start = ''] = /^(\s*)/.exec(before) ?? [];
  const [, end = ''] = /(\s*)$/.exec(before) ?? [];
  return Buffer.from(start + (isPadded ? plain : plain.replace(/=+$/, '')) + end);
}

/** Shows the parts of a JSON Web Token. */
function tokenText(value: Uint8Array): string | undefined {
  const [head, body, signature, ...others] = asText(value)?.trim().split('.') ?? [];
  if (head === undefined || body === undefined || signature === undefined || others.length > 0) return undefined;
  const part = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
  const [header, claims] = [part(head), part(body)];
  if (typeof header !== 'object' || typeof claims !== 'object') return undefined;
  const note = l10n.t('The signature was NOT verified: anyone may have written this.');
  return `// ${note}\n${JSON.stringify({ header, claims }, undefined, 2)}\n`;
}

/** Writes the time behind each number that is one, in seconds, milliseconds, microseconds or nanoseconds. */
function timesText(value: Uint8Array): string | undefined {
  const text = asText(value);
  // From 2001 to 2065.
  const shown = text?.replaceAll(/(?<![\d.])[12]\d{9}(?:\d{3}){0,3}(?![\d.])/g, (digits) => {
    const milliseconds = Number(digits.slice(0, 13).padEnd(13, '0'));
    return milliseconds < 3e12 ? `${digits} (${new Date(milliseconds).toISOString()})` : digits;
  });
  return shown === text ? undefined : shown;
}
