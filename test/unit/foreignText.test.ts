import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseConnection } from '../../src/connections/formats/read/parseConnection.ts';
import { syntaxProblem } from '../../src/documents/keyFile/syntaxCheck.ts';
import { patternLanguage } from '../../src/documents/language/patternLanguage.ts';
import { suggestLanguage } from '../../src/documents/language/suggestLanguage.ts';
import { openConflicts } from '../../src/documents/merging/openConflicts.ts';
import { readCertificates } from '../../src/etcd/http/pem.ts';
import { looksLikeGlob } from '../../src/etcd/search/globPattern.ts';
import { keyMatcher, MAX_PATTERN_CHARACTERS } from '../../src/etcd/search/keyMatcher.ts';
import { nameFilter } from '../../src/etcd/search/nameFilter.ts';
import { failsAs } from '../etcd/errorKind.ts';
import { bytes } from '../etcd/connecting.ts';

const MEGABYTE = 1024 * 1024;

/** Each of these took minutes, or ended the process, when time grew faster than the text. */
describe('what others wrote is read within limits', () => {
  it('a certificate file that begins blocks without end', () => {
    const text = '-----BEGIN A-----\n'.repeat((4 * MEGABYTE) / 18);
    assert.throws(() => readCertificates(text, 'ca.crt'), failsAs('badCertificate', /holds no certificate/));
    const labels = Array.from({ length: 200_000 }, (_, number) => `-----BEGIN ${number}-----\n`).join('');
    assert.throws(() => readCertificates(labels, 'ca.crt'), failsAs('badCertificate', /holds no certificate/));
  });

  const pasted: Readonly<Record<string, string>> = {
    'one long word': 'a'.repeat(256 * 1024),
    'dots, then a letter': `${'.'.repeat(200_000)}x`,
    'a URL with brackets at its end': `curl --data https:${')'.repeat(200_000)}x`,
    'empty lines in Go': `clientv3.Config{\n${'\n'.repeat(200_000)}x`,
    'lists in Go that never end': `clientv3.Config{ Endpoints: ${'[]string{'.repeat(20_000)}`,
  };
  for (const [name, text] of Object.entries(pasted))
    it(`a pasted text of ${name}`, () => assert.deepEqual(parseConnection(text).endpoints, []));

  it('a pasted text that is too long, which is said', () => {
    const { endpoints, notUnderstood } = parseConnection(`https://localhost:2379 ${'x'.repeat(MEGABYTE)}`);
    assert.deepEqual(endpoints, []);
    assert.match(notUnderstood.join(), /too long/);
  });

  it('patterns of the setting "etcd.languages"', () => {
    assert.equal(patternLanguage('/config/app', { '{1..100000000}': 'json' }), undefined);
    assert.equal(patternLanguage('/config/app', { ['{a,b,c,d,e,f,g,h}'.repeat(50)]: 'json' }), undefined);
    assert.equal(patternLanguage(`${'a'.repeat(10_000)}!`, { [`${'*a'.repeat(30)}b`]: 'json' }), undefined);
    assert.equal(patternLanguage('/config/app', { ['*'.repeat(1001)]: 'json' }), undefined);
  });

  it('values whose language is looked for', () => {
    const languages = ['toml', 'ini', 'yaml', 'html', 'xml', 'json', 'properties'];
    for (const line of ['x=[', 'x="""', 'x= ', `x=1${' '.repeat(8000)}#"\n`, '<!---->', '- '])
      suggestLanguage('/key', `a=1\n${line.repeat(MEGABYTE / line.length)}`, languages);
  });

  it('values that are checked before they are saved', () => {
    const merges = Array.from({ length: 4000 }, (_, at) => `k${at}: &a${at}\n  <<: *a${at - 1}\n  x${at}: 1\n`).slice(
      1,
    );
    assert.equal(syntaxProblem('yaml', `k0: &a0 {}\n${merges.join('')}`), undefined);
  });

  it('patterns that are typed, or stored with a search', () => {
    for (const sign of ['{', '{,', '[', '*', '(', '|', '\\x'])
      for (const kind of ['glob', 'regex'] as const) {
        const pattern = sign.repeat(MEGABYTE);
        const query = { kind, pattern, matchCase: true, values: false };
        assert.throws(() => keyMatcher(query, bytes(''), [bytes('/')]), failsAs('pattern', /too long/));
        assert.throws(() => nameFilter(pattern), failsAs('pattern', /too long/));
        assert.equal(looksLikeGlob(pattern), sign === '*');
        const shorter = { ...query, pattern: pattern.slice(0, MAX_PATTERN_CHARACTERS) };
        try {
          keyMatcher(shorter, bytes(''), [bytes('/')]);
        } catch (error) {
          failsAs('pattern')(error);
        }
      }
  });

  it('the merge of a long list of small objects', () => {
    const list = Array.from({ length: 3200 }, (_, id) => ({ id, enabled: true, weight: 1 }));
    const base = JSON.stringify(list, undefined, 2);
    const replaced = (text: string, id: number, by: number) => text.replace(`"id": ${id},`, `"id": ${by},`);
    const theirs = replaced(replaced(base, 3, 33_333), 9, 99_999);
    const mine = replaced(replaced(base, 7, 77_777), 9, 88_888);
    const merged = replaced(replaced(base, 3, 33_333), 7, 77_777);
    assert.equal(openConflicts({ base, theirs, mine }, merged), 1);
    assert.equal(openConflicts({ base, theirs, mine }, replaced(merged, 9, 99_999)), 0);
  });

  it('the merge of texts that have nothing in common, which is given up', () => {
    const text = (name: string) => Array.from({ length: 100_000 }, (_, line) => `${name}${line}`).join('\n');
    const texts = { base: text('a'), theirs: text('b'), mine: text('c') };
    assert.equal(openConflicts(texts, texts.mine), undefined);
  });

  it('settings of a workspace that is not trusted: only switches count', () => {
    const { contributes, capabilities } = JSON.parse(readFileSync('package.json', 'utf8'));
    const settings: Readonly<Record<string, { readonly type: string }>> = contributes.configuration.properties;
    const texts = Object.keys(settings).filter((name) => settings[name]?.type !== 'boolean');
    const { restrictedConfigurations } = capabilities.untrustedWorkspaces;
    for (const name of texts) assert.ok(restrictedConfigurations.includes(name), name);
  });
});
