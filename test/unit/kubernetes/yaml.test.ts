import assert from 'node:assert/strict';
import type { Json } from '../../../src/etcd/kubernetes/json.ts';
import { placeOf } from '../../../src/etcd/kubernetes/places.ts';
import { InvalidObject, wrongType, type Path } from '../../../src/etcd/kubernetes/problems.ts';
import { fromYaml, toYaml } from '../../../src/etcd/kubernetes/yaml.ts';

function problemOf(text: string): InvalidObject {
  try {
    fromYaml(text);
  } catch (error) {
    assert.ok(error instanceof InvalidObject, String(error));
    return error;
  }
  throw new Error(`it was read: ${text}`);
}

function pathOf(...keys: readonly (string | number)[]): Path | undefined {
  return keys.reduce<Path | undefined>((parent, key) => ({ parent, key }), undefined);
}

describe('YAML as kubectl prints it', () => {
  it('quotes texts as kubectl does', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['plain', 'plain'],
      ['', '""'],
      ['true', '"true"'],
      ['yes', '"yes"'],
      ['0644', '"0644"'],
      ['1_000', '"1_000"'],
      ['1:20', '"1:20"'],
      ['2025-01-31', '"2025-01-31"'],
      ['~', '"~"'],
      ['- a', "'- a'"],
      ['a: b', "'a: b'"],
      ['#a', "'#a'"],
      ['*a', "'*a'"],
      ['a\tb', '"a\\tb"'],
      [' a', "' a'"],
      ['a\nb\n', '|\n  a\n  b'],
      ['a\nb', '|-\n  a\n  b'],
      ['a \nb', '"a \\nb"'],
      ['ü', 'ü'],
    ];
    for (const [text, yaml] of cases) assert.equal(toYaml({ text }), `text: ${yaml}\n`);
  });

  it('sorts keys as kubectl does: numbers by their size, letters last', () => {
    const keys = ['b', 'a10', 'a2', 'a', 'A', '10', '9', '_a', 'a-b', 'ab', 'a1b', 'a01'];
    const json = Object.fromEntries(keys.map((key) => [key, 0]));
    const order = toYaml(json)
      .trim()
      .split('\n')
      .map((line) => line.replace(/: 0$/, '').replaceAll('"', ''));
    assert.deepEqual(order, ['_a', '9', '10', 'A', 'a', 'a-b', 'a1b', 'a01', 'a2', 'a10', 'ab', 'b']);
  });

  it('reads back whatever it writes', () => {
    const texts = [
      '',
      ' ',
      '\n',
      '\r\n',
      'a\r\nb',
      '\u0085',
      '\u2028x',
      '\ufeff',
      '😀',
      '\0',
      '\u007f',
      '|',
      '%a',
      'null',
      '0x1F',
      '=',
      '<<',
    ];
    const values: readonly Json[] = [
      ...texts,
      0,
      -1,
      1.5,
      1e21,
      2n ** 63n - 1n,
      -(2n ** 63n),
      true,
      null,
      [],
      {},
      [[1], {}],
    ];
    for (const value of values) {
      const json: Json = { value, list: [value], '': value };
      assert.deepEqual(fromYaml(toYaml(json)), json);
      for (const text of texts) assert.deepEqual(fromYaml(toYaml({ [text]: value })), { [text]: value });
    }
    const strange = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as Json;
    assert.deepEqual(fromYaml(toYaml(strange)), strange);
  });

  it('reads line ends of Windows', () => {
    assert.deepEqual(fromYaml('a: |\r\n  x\r\n  y\r\nb: 1\r\n'), { a: 'x\ny\n', b: 1 });
  });

  it('refuses what could mean something else, or grow', () => {
    assert.match(problemOf('mode: 0644\n').message, /^0644 can be read as decimal or as octal/);
    assert.deepEqual(fromYaml('mode: 0o644\nzero: 0\ntext: "0644"\n'), { mode: 420, zero: 0, text: '0644' });
    assert.match(problemOf('a: &x 1\nb: *x\n').message, /alias/);
    assert.match(problemOf('a: 1\n---\nb: 1\n').message, /exactly one document/);
    assert.match(problemOf('').message, /exactly one document/);
    assert.match(problemOf('a: 1\na: 2\n').message, /duplicate/i);
    assert.match(problemOf(`${'['.repeat(105)}${']'.repeat(105)}`).message, /more than 100 levels/);
    problemOf('['.repeat(100_000));
  });

  it('tells the line of a problem', () => {
    assert.equal(placeOf('a: 1\nmode: 0644\n', problemOf('a: 1\nmode: 0644\n')).line, 1);
    assert.equal(placeOf('a:\n  - b\n c\n', problemOf('a:\n  - b\n c\n')).line, 2);
    const text =
      'metadata:\n  name: x\nspec:\n  containers:\n  - name: a\n    image: b\n  - "na\\x6de": c\n    ports: [{x: 1}, {y: 2}]\n';
    const place = (...keys: readonly (string | number)[]) => {
      const { line, character } = placeOf(text, wrongType(pathOf(...keys), 'a text'));
      return [line, character];
    };
    assert.deepEqual(place('metadata', 'name'), [1, 2]);
    assert.deepEqual(place('spec', 'containers', 1, 'name'), [6, 5]);
    assert.deepEqual(place('spec', 'containers', 1, 'ports', 1, 'y'), [7, 21]);
    assert.deepEqual(place('spec', 'containers', 0), [4, 4]);
    assert.deepEqual(place('spec', 'absent'), [2, 0]);
    assert.deepEqual(place(), [0, 0]);
  });
});
