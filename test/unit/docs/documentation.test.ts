import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinks } from '../../../scripts/checks/deadLinks.ts';
import { packagedReadme } from '../../../scripts/package/packagedReadme.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Paths of the files below a folder whose names have one of these endings, with `/`. */
function filesBelow(folder: string, ...endings: string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...filesBelow('docs', '.md'),
  ...filesBelow('.github', '.md'),
];
const texts = new Map(documents.map((path) => [path, read(path)]));
const sources = ['src', 'scripts', 'test'].flatMap((folder) => filesBelow(folder, '.ts', '.mjs'));
const lines = (text: string) => text.trimEnd().split('\n').length;

describe('the documentation', () => {
  it('has no dead links', () => {
    assert.ok(documents.length > 15);
    assert.deepEqual(
      deadLinks(texts, (path) => existsSync(join(root, path))),
      [],
    );
  });

  it('has nothing left of a merge', () => {
    for (const [path, text] of texts) assert.doesNotMatch(text, /^(?:<{7}|={7}$|>{7}|(?:> ){6})/m, path);
  });

  it('exists wherever a comment names it', () => {
    const named = sources.flatMap((path) => read(path).match(/(?<=\/\/ See )docs\/[\w/-]+\.md$/gm) ?? []);
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });

  it('begins each docstring with a noun or a verb', () => {
    const other = /\/\*\*[\s*]*(?:So many|Of|Where|What is|Whom|Whoever)\b.*/g;
    assert.deepEqual(
      sources.flatMap((path) => (read(path).match(other) ?? []).map((found) => `${path}: ${found}`)),
      [],
    );
  });

  it('begins with a short README and a short CONTRIBUTING', () => {
    assert.ok(lines(read('README.md')) <= 120);
    assert.ok(lines(read('CONTRIBUTING.md')) <= 150);
  });

  it('says that there is no telemetry', () => {
    for (const path of ['README.md', 'docs/security.md']) assert.match(read(path), /There is no telemetry\./, path);
  });

  it('has every subject of decisions in their list', () => {
    const list = read('docs/contributing/decisions/README.md');
    const subjects = readdirSync(join(root, 'docs/contributing/decisions')).filter((name) => name !== 'README.md');
    for (const name of subjects) assert.ok(list.includes(`](${name})`), name);
  });

  it('explains each decision in three to ten sentences', () => {
    for (const [path, text] of texts)
      if (path.includes('/decisions/') && !path.endsWith('README.md'))
        for (const [heading = '', ...body] of text
          .split(/^## /m)
          .slice(1)
          .map((decision) => decision.split('\n'))) {
          const prose = body.filter((line) => !line.startsWith('|')).join('\n');
          const sentences = prose.replaceAll(/`[^`]*`/g, 'x').match(/[.?!]\)?(?=\s)/g) ?? [];
          assert.ok(sentences.length >= 3 && sentences.length <= 10, `${path}: ${heading}`);
        }
  });
});

describe('the page about the API', () => {
  it('has the types that extensions can copy', () => {
    assert.ok(read('docs/extension-api.md').includes(`\`\`\`ts\n${read('src/commands/api/etcdApi.d.ts')}\`\`\``));
  });
});

describe('the documentation in the package', () => {
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const packaged = new Map(guides.map((name) => [`docs/${name}`, read(`docs/${name}`)]));
  packaged.set('README.md', packagedReadme(read('README.md')));

  it('links only what is packaged', () => {
    assert.ok(read('.vscodeignore').includes('\n!docs/*.md\n'));
    assert.deepEqual(
      deadLinks(packaged, () => false),
      [],
    );
  });

  it('has the features as a list, without pictures', () => {
    const readme = packaged.get('README.md') ?? '';
    assert.match(readme, /^- \*\*\[Find Keys\]/m);
    assert.doesNotMatch(readme, /<img|\.png|<!--|^\|/m);
  });
});

describe('a dead link', () => {
  const found = (text: string) =>
    deadLinks(
      new Map([
        ['docs/a.md', text],
        ['docs/b.md', '# The `caFile` setting: what it is\n'],
      ]),
      (path) => path === 'media/a.png',
    );

  it('is one to a missing file, picture or heading', () => {
    assert.deepEqual(found('[x](c.md)'), ['docs/a.md: c.md does not exist.']);
    assert.deepEqual(found('<img width="1" src="../media/b.png">'), ['docs/a.md: ../media/b.png does not exist.']);
    assert.deepEqual(found('[x](b.md#else)'), ['docs/a.md: docs/b.md has no heading #else.']);
    assert.deepEqual(found('[x](#here)'), ['docs/a.md: docs/a.md has no heading #here.']);
  });

  it('is not one that resolves, leads elsewhere, or is code', () => {
    const fine =
      '# Here\n[x](b.md#the-cafile-setting-what-it-is) [x](#here) ![x](../media/a.png) [x](https://a.example/b) `[x](c.md)`\n' +
      '```\n[x](c.md)\n# There\n```\n';
    assert.deepEqual(found(fine), []);
    assert.deepEqual(found(`${fine}[x](#there)`), ['docs/a.md: docs/a.md has no heading #there.']);
  });
});
