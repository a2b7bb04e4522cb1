import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..', 'src');

/** Returns the layer and the folder within it, such as `etcd/keys`; undefined for a file directly in its layer. */
function folderOf(path: string): string | undefined {
  const [layer, folder, ...rest] = relative(root, path).split(sep);
  return rest.length === 0 ? undefined : `${layer}/${folder}`;
}

/** Returns the folders that each folder of a layer uses, with one file that does. */
function uses(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const path of globSync(join(root, '**', '*.ts'))) {
    const from = folderOf(path);
    if (from === undefined) continue;
    for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import)[\s(]*'(\.[^']+)'/g)) {
      const to = folderOf(join(dirname(path), specifier));
      if (to === undefined || to === from) continue;
      found.set(from, (found.get(from) ?? new Map<string, string>()).set(to, relative(root, path)));
    }
  }
  return found;
}

describe('the folders of a layer', () => {
  it('use each other in one direction', () => {
    const all = uses();
    assert.ok(all.size > 20);
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
      if (from === to) return true;
      if (seen.has(from)) return false;
      seen.add(from);
      return [...(all.get(from)?.keys() ?? [])].some((next) => reaches(next, to, seen));
    };
    const circles = [...all].flatMap(([from, used]) =>
      [...used].filter(([to]) => reaches(to, from)).map(([to, file]) => `${file} uses ${to}, which uses ${from}`),
    );
    assert.deepEqual(circles, []);
  });
});
