import assert from 'node:assert/strict';
import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import { prefixRange, rangeContains } from '../../../src/etcd/keys/ranges.ts';
import { looksLikeGlob } from '../../../src/etcd/search/globPattern.ts';
import { keyMatcher } from '../../../src/etcd/search/keyMatcher.ts';
import type { KeyQuery, PatternKind } from '../../../src/etcd/search/keyQuery.ts';
import { oddKeyspace as demoKeys } from '../../../scripts/demo/oddKeys.ts';

const SLASH = [Buffer.from('/')];

function query(kind: PatternKind, pattern: string, options: Partial<KeyQuery> = {}): KeyQuery {
  return { kind, pattern, matchCase: true, values: false, ...options };
}

function kv(key: string | Uint8Array, value = '') {
  return {
    key: typeof key === 'string' ? Buffer.from(key) : key,
    value: Buffer.from(value),
    createRevision: 1n,
    modRevision: 1n,
  };
}

/** Returns the keys that a query finds, each also within the range that would be requested. */
function found(keys: readonly string[], wanted: KeyQuery, folder = '', separators = SLASH): string[] {
  const { range, match } = keyMatcher(wanted, Buffer.from(folder), separators);
  return keys.filter((key) => {
    const entry = kv(key);
    const isHit = rangeContains(prefixRange(Buffer.from(folder)), entry.key) && match(entry) !== undefined;
    if (isHit) assert.ok(range && rangeContains(range, entry.key), `${key} is outside of the range`);
    return isHit;
  });
}

function beginning(wanted: KeyQuery, folder = ''): string | undefined {
  const { range } = keyMatcher(wanted, Buffer.from(folder), SLASH);
  if (!range) return undefined;
  const start = Buffer.from(range.start);
  return start.equals(Uint8Array.of(0)) ? '' : start.toString();
}

describe('the range that a pattern needs', () => {
  for (const [pattern, expected] of [
    ['^/config/app', '/config/app'],
    ['^/config/ap+', '/config/ap'],
    ['^/config/app?', '/config/ap'],
    ['^/config/app{0,2}', '/config/ap'],
    ['^/config/(app|web)', '/config/'],
    ['^/config|^/other', ''],
    ['^/config/[a|b]', '/config/'],
    ['^/config/[)|]x', '/config/'],
    [String.raw`^/config/a\.b`, '/config/a.b'],
    [String.raw`^\/config\/a`, '/config/a'],
    [String.raw`^/config/\d`, '/config/'],
    [String.raw`^/back\\slash`, String.raw`/back\slash`],
    ['^/café/x', '/caf'],
    ['^/☃/☂*', '/☃/'],
    ['/config', ''],
    ['(^/config)', ''],
    ['^', ''],
    ['^^/a', ''],
  ] as const)
    it(`regular expression ${pattern}`, () => assert.equal(beginning(query('regex', pattern)), expected));

  for (const [pattern, expected] of [
    ['/config/app-*', '/config/app-'],
    ['/config/**/*.json', '/config/'],
    ['/config/{a,b}', '/config/'],
    ['/config/{a}', '/config/{a}'],
    [String.raw`/config/\*x?`, '/config/*x'],
    [String.raw`/config/\x2a/?`, '/config/*/'],
    ['/config/[ab]', '/config/'],
    ['*.json', ''],
  ] as const)
    it(`glob ${pattern}`, () => assert.equal(beginning(query('glob', pattern)), expected));

  it('is the folder with what follows it, or nothing where both cannot be', () => {
    assert.equal(beginning(query('text', 'x'), '/a/'), '/a/');
    assert.equal(beginning(query('glob', 'app/*.json'), '/a/'), '/a/app/');
    assert.equal(beginning(query('glob', '/a/app/*'), '/a/'), '/a/app/');
    assert.equal(beginning(query('regex', '^/a'), '/a/b/'), '/a/b/');
    assert.equal(beginning(query('regex', '^/b'), '/a/b/'), undefined);
  });

  it('ends before the first letter where case does not count, and is the folder where values count', () => {
    assert.equal(beginning(query('regex', '^/1-2/abc', { matchCase: false })), '/1-2/');
    assert.equal(beginning(query('regex', '^/a/b', { values: true }), '/a/'), '/a/');
    assert.equal(beginning(query('glob', '/a/b*', { values: true })), '/a/b');
  });
});

describe('what a pattern finds', () => {
  const keys = [
    '/a/App.json',
    '/a/app.yaml',
    '/a/b/app.json',
    '/a/b/c/x',
    '/a//app.json',
    '/a/./app.json',
    '/a/.app',
    'a.json',
    '/z',
  ];

  it('text, anywhere in the key, with case or without', () => {
    assert.deepEqual(found(keys, query('text', 'App')), ['/a/App.json']);
    assert.equal(found(keys, query('text', 'APP', { matchCase: false })).length, 6);
    assert.deepEqual(found(keys, query('text', 'b/c')), ['/a/b/c/x']);
    assert.deepEqual(found(keys, query('text', '.*')), []);
  });

  it('a glob without a separator: names', () => {
    assert.deepEqual(found(keys, query('glob', '*.json')), [
      '/a/App.json',
      '/a/b/app.json',
      '/a//app.json',
      '/a/./app.json',
      'a.json',
    ]);
    assert.deepEqual(found(keys, query('glob', '?app')), ['/a/.app']);
    assert.deepEqual(found(keys, query('glob', '[!A]pp.{json,yaml}')), [
      '/a/app.yaml',
      '/a/b/app.json',
      '/a//app.json',
      '/a/./app.json',
    ]);
    assert.deepEqual(found(keys, query('glob', '*.JSON', { matchCase: false })).length, 5);
  });

  it('a glob with separators: whole keys, or what follows the folder', () => {
    assert.deepEqual(found(keys, query('glob', '/a/*.json')), ['/a/App.json']);
    assert.deepEqual(found(keys, query('glob', '/a/*/app.json')), ['/a/b/app.json', '/a//app.json', '/a/./app.json']);
    assert.deepEqual(found(keys, query('glob', '/a/**/app*')), [
      '/a/app.yaml',
      '/a/b/app.json',
      '/a//app.json',
      '/a/./app.json',
    ]);
    assert.deepEqual(found(keys, query('glob', 'b/*'), '/a/'), ['/a/b/app.json']);
    assert.deepEqual(found(keys, query('glob', 'b/**'), '/a/'), ['/a/b/app.json', '/a/b/c/x']);
    assert.deepEqual(found(keys, query('glob', 'a/b/*')), ['/a/b/app.json']);
    assert.deepEqual(found(keys, query('glob', '**/x')), ['/a/b/c/x']);
  });

  it('a regular expression, found anywhere', () => {
    assert.deepEqual(found(keys, query('regex', String.raw`/\.?/?app\.json$`)), [
      '/a/b/app.json',
      '/a//app.json',
      '/a/./app.json',
    ]);
    assert.deepEqual(found(keys, query('regex', '^[^/]')), ['a.json']);
    assert.deepEqual(found(keys, query('regex', String.raw`app\-?\.yaml`)), ['/a/app.yaml']);
  });

  it('with other separators, several, or none', () => {
    const colons = ['a:b:c', 'a:b/c', 'a::b', 'abc'];
    assert.deepEqual(found(colons, query('glob', 'a:*'), '', [Buffer.from(':')]), ['a:b/c']);
    assert.deepEqual(found(colons, query('glob', '*'), '', [Buffer.from('::')]).length, 4);
    assert.deepEqual(found(colons, query('glob', 'a:*:*'), '', [Buffer.from(':'), Buffer.from('/')]), [
      'a:b:c',
      'a::b',
    ]);
    assert.deepEqual(found(colons, query('glob', 'a*c'), '', []), ['a:b:c', 'a:b/c', 'abc']);
    for (const separator of [']', '[', '^', '-', '\\', '|', 'é', '::', '😀']) {
      const named = [`1${separator}2${separator}3`, `1${separator}2é`, '12', `1${separator}\n`];
      const wanted = query('glob', separator === '\\' ? '1\\\\*' : `1\\${separator}*`);
      assert.deepEqual(
        found(named, wanted, '', [Buffer.from(separator)]),
        separator === 'é' ? [named[3]] : [named[1], named[3]],
      );
    }
  });

  it('keys of any bytes, by what is shown of them', () => {
    const odd = [...demoKeys()].map(({ key }) => (typeof key === 'string' ? Buffer.from(key) : key));
    const binary = (wanted: KeyQuery) => {
      const { match, range } = keyMatcher(wanted, new Uint8Array(), SLASH);
      const hits = odd.filter((key) => match(kv(key)));
      for (const key of hits) assert.ok(range && rangeContains(range, key), toBinaryKey(key));
      return hits.map(toBinaryKey);
    };
    assert.deepEqual(binary(query('text', String.raw`\xff\xfe`)), ['/odd/\xff\xfe\xfd']);
    assert.deepEqual(binary(query('regex', String.raw`\xff\xfe.$`)), ['/odd/\xff\xfe\xfd']);
    assert.deepEqual(binary(query('glob', String.raw`/odd/\xff*`)), ['/odd/\xff\xfe\xfd']);
    assert.deepEqual(binary(query('text', String.raw`C:\Windows`)), ['/odd/C:\\Windows\\system32']);
    assert.deepEqual(binary(query('text', String.raw`C:\\Windows`)), ['/odd/C:\\Windows\\system32']);
    assert.deepEqual(binary(query('regex', String.raw`\\x2f`)), ['/odd/\\x2fnot-an-escape']);
    assert.deepEqual(binary(query('text', String.raw`line\x0abreak`)), ['/odd/line\nbreak']);
    assert.deepEqual(binary(query('regex', 'line.break')), ['/odd/line\nbreak']);
    assert.deepEqual(binary(query('glob', 'line?break')), ['/odd/line\nbreak']);
    assert.deepEqual(binary(query('text', String.raw`\xe2\x80\xaetxt`)).length, 1);
    assert.deepEqual(binary(query('glob', '/odd/../*')), ['/odd/../dots']);
    assert.deepEqual(binary(query('glob', '/odd//*')), ['/odd//double']);
    assert.deepEqual(binary(query('glob', '/odd/%2F*')), ['/odd/%2Fpercent%20escapes']);
    assert.equal(binary(query('glob', '**')).length, odd.length);
  });

  it('values that are text, and where in them', () => {
    const { match } = keyMatcher(query('text', 'NEEDLE', { values: true, matchCase: false }), new Uint8Array(), SLASH);
    const hit = match(kv('/v', 'first\r\nthe needle\r\nlast'))?.value;
    assert.deepEqual(hit, { line: 1, span: [4, 10], excerpt: 'the needle' });
    assert.equal(match(kv('/v', 'needle\0')), undefined);
    assert.deepEqual(match(kv('/needle', 'needle')), { key: Uint8Array.from(Buffer.from('/needle')), span: [1, 7] });
    const long = match(kv('/v', `${'x'.repeat(100_000)}needle${'y'.repeat(100_000)}`))?.value;
    assert.equal(long?.excerpt.length, 206);
    const lines = keyMatcher(query('regex', '^b.*$', { values: true }), new Uint8Array(), SLASH);
    assert.deepEqual(lines.match(kv('/v', 'a\nbcd\ne'))?.value, { line: 1, span: [0, 3], excerpt: 'bcd' });
  });

  it('a value from a line break on: at the end of the line that it ends', () => {
    const text = 'one\ntwo\n\n  x\nlast';
    const cases = [
      [String.raw`\n\s*x`, { line: 1, span: [3, 3], excerpt: 'two' }],
      [String.raw`\n  x`, { line: 2, span: [0, 0], excerpt: '' }],
      [String.raw`two\n`, { line: 1, span: [0, 3], excerpt: 'two' }],
    ] as const;
    for (const [pattern, expected] of cases) {
      const { match } = keyMatcher(query('regex', pattern, { values: true }), new Uint8Array(), SLASH);
      assert.deepEqual(match(kv('/v', text))?.value, expected, pattern);
    }
  });

  it('tells where, unless escapes moved what is shown', () => {
    const { match } = keyMatcher(query('text', 'b'), new Uint8Array(), SLASH);
    assert.deepEqual(match(kv('/é/ab'))?.span, [4, 5]);
    assert.equal(match(kv('/\t/ab'))?.span, undefined);
  });

  it("is guessed to be a glob where a glob's signs are", () => {
    for (const glob of ['*', 'a?', '[ab]', '{a,b}']) assert.equal(looksLikeGlob(glob), true, glob);
    for (const text of ['a', '[', '{a}', '/a/b', '[]']) assert.equal(looksLikeGlob(text), false, text);
  });

  it('refuses what is no pattern, in a sentence', () => {
    const make = (kind: PatternKind, pattern: string) => () =>
      keyMatcher(query(kind, pattern), new Uint8Array(), SLASH);
    assert.throws(make('regex', '('), /Invalid regular expression: .*Unterminated group/);
    assert.throws(make('text', ''), /Type something to search for/);
    for (const glob of ['[', '[]', '[!]', '{', '{a', 'a{b}c', '\\', '[z-a]', '[a-]', '[]-]', '}{', '[^'])
      assert.doesNotThrow(make('glob', glob), glob);
  });
});
