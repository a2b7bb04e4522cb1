import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoEntry } from './entry.ts';
import { Random } from './random.ts';

const greetings: Readonly<Record<string, string>> = {
  English: 'Hello, world',
  Ελληνικά: 'Γειά σου, κόσμε',
  Русский: 'Привет, мир',
  Українська: 'Привіт, світе',
  العربية: 'مرحبا بالعالم',
  עברית: 'שלום עולם',
  हिन्दी: 'नमस्ते दुनिया',
  தமிழ்: 'வணக்கம் உலகம்',
  ไทย: 'สวัสดีชาวโลก',
  中文: '你好，世界',
  日本語: 'こんにちは、世界',
  한국어: '안녕하세요, 세계',
  Tiếng_Việt: 'Chào thế giới',
  '🌍🚀': '👋🏽 👩‍👩‍👧‍👦 🏳️‍🌈',
};

/** Yields keys and values in many scripts. */
export function* languageKeyspace(): Iterable<DemoEntry> {
  for (const [language, greeting] of Object.entries(greetings)) {
    yield { key: `/i18n/${language}/greeting`, value: greeting };
    yield {
      key: `/i18n/${language}/messages.json`,
      value: `${JSON.stringify({ language, greeting, characters: [...greeting].length }, undefined, 2)}\n`,
    };
  }
  // Two keys that look the same: one composed character, and a letter with a combining accent.
  yield { key: '/i18n/same-look/caf\u00e9', value: 'composed (NFC)' };
  yield { key: '/i18n/same-look/cafe\u0301', value: 'decomposed (NFD)' };
}

/** Yields values that are not plain UTF-8 text, or that editors would change. */
export function* binaryKeyspace(): Iterable<DemoEntry> {
  const random = new Random('binary');
  yield { key: '/binary/icon.png', value: readFileSync(join(import.meta.dirname, '../../media/icon.png')) };
  yield { key: '/binary/random-4k', value: random.bytes(4096) };
  yield { key: '/binary/one-zero-byte', value: Uint8Array.of(0) };
  yield { key: '/binary/latin-1.txt', value: Buffer.from('Caf\u00e9 Z\u00fcrich\n', 'latin1') };
  yield { key: '/binary/utf-16.txt', value: Buffer.from('\ufeffGr\u00fc\u00dfe\n', 'utf16le') };
  yield { key: '/binary/utf-8-with-bom.txt', value: '\ufeffA byte order mark comes first\n' };
  yield { key: '/binary/windows-lines.txt', value: 'first\r\nsecond\r\n' };
  yield { key: '/binary/mixed-lines.txt', value: 'first\r\nsecond\nthird without an end' };
}

/** Converts a text to a key with one byte per character. */
function bytes(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}

const oddKeys: readonly (string | Uint8Array)[] = [
  '/',
  '//leading',
  '/odd//double',
  '/odd///triple',
  '/odd/trailing/',
  '/odd/trailing//',
  '/odd/two words',
  '/odd/ leading space',
  '/odd/trailing space ',
  '/odd/ ',
  '/odd/./dot',
  '/odd/../dots',
  '/odd/100%',
  '/odd/%2Fpercent%20escapes',
  '/odd/question?mark=1&more#hash',
  '/odd/back\\slash',
  '/odd/\\x2fnot-an-escape',
  '/odd/"quotes" and \'quotes\'',
  '/odd/C:\\Windows\\system32',
  '/odd/<b>markup</b> & $(symbol-key) [link](command:none)',
  '/odd/tab\tinside',
  '/odd/line\nbreak',
  '/odd/return\r',
  '/odd/escape\u001b[31mred',
  '/odd/nul\0inside',
  '/odd/nul\0',
  '/odd/delete\u007f',
  '/odd/right-to-left \u202etxt.exe',
  '/odd/zero\u200bwidth',
  '/odd/no-break\u00a0space',
  '/odd/replacement \ufffd',
  bytes('/odd/latin-1 caf\xe9'),
  bytes('/odd/\xff\xfe\xfd'),
  bytes('/odd/cut short \xe2\x82'),
  bytes('/odd/overlong \xc0\xaf'),
  bytes('/odd/surrogate \xed\xa0\x80'),
  bytes('\0'),
  bytes('\xff\xff'),
  `/odd/long/${'name-'.repeat(300)}`,
  `/odd/deep/${Array.from({ length: 40 }, (_, depth) => depth + 1).join('/')}`,
];

/** Yields keys that a careless client mangles or cannot reach, and neighbors that a careless delete takes along. */
export function* oddKeyspace(): Iterable<DemoEntry> {
  for (const key of oddKeys) {
    yield { key, value: `The key is ${JSON.stringify(Buffer.from(key).toString('latin1'))}, one character a byte.\n` };
  }
  for (const key of ['/a', '/a/', '/a/one', '/a/two', '/a/sub/three', '/ab', '/ab/one', '/a.b']) {
    yield { key, value: 'Deleting the folder /a leaves /ab and /a.b where they are.\n' };
  }
}
