import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const src = join(import.meta.dirname, '../../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!_pb|\.d)\.ts$/.test(name));

/** Returns the names that are there more than once. */
function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

describe('names in src', () => {
  it('belong to one file each', () => {
    assert.ok(files.length > 400);
    assert.deepEqual(repeated(files.map((path) => basename(path))), []);
  });

  it('belong to one exported type each', () => {
    const types = files.flatMap((path) =>
      [
        ...readFileSync(join(src, path), 'utf8').matchAll(/^export (?:abstract )?(?:interface|type|class) (\w+)/gm),
      ].flatMap(([, name]) => name ?? []),
    );
    assert.ok(types.length > 400);
    assert.deepEqual(repeated(types), []);
  });
});
