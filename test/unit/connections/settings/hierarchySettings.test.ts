import assert from 'node:assert/strict';
import { readProfiles, type ConnectionSettings } from '../../../../src/connections/settings/connectionProfile.ts';
import { hierarchyOf, rootOf, rootsOf } from '../../../../src/connections/settings/hierarchySettings.ts';
import { Hierarchy, SLASHES } from '../../../../src/etcd/keys/hierarchy.ts';
import { keyText } from '../../../../src/etcd/keys/keyText.ts';

function profileOf(more: object) {
  const [profile] = readProfiles([{ name: 'a', endpoints: ['http://h:1'], ...more }], 'user');
  assert.ok(profile);
  return profile;
}

describe("a connection's hierarchy", () => {
  const separatorsOf = (settings: ConnectionSettings) => hierarchyOf(settings).separators.map(keyText);
  const rootText = (settings: ConnectionSettings) => keyText(rootOf(settings, hierarchyOf(settings)));

  it('is what the settings say, with slashes by default and always in v2', () => {
    const cases: readonly (readonly [object, readonly string[]])[] = [
      [{}, ['/']],
      [{ separator: ':' }, [':']],
      [{ separator: ['/', ':'] }, ['/', ':']],
      [{ separator: '::' }, ['::']],
      [{ separator: '→' }, ['→']],
      [{ separator: '\\x00' }, ['\\x00']],
      [{ separator: ' ' }, [' ']],
      [{ separator: '' }, []],
      [{ separator: [] }, []],
      [{ separator: 7 }, ['/']],
      [{ separator: ':', api: 'v2' }, ['/']],
    ];
    for (const [more, expected] of cases) {
      const { settings, problem } = profileOf(more);
      assert.equal(problem, undefined);
      assert.deepEqual(separatorsOf(settings), expected, JSON.stringify(more));
    }
  });

  it('begins at a root, which is a folder where there are folders', () => {
    const cases: readonly (readonly [object, string])[] = [
      [{}, ''],
      [{ root: '/app' }, '/app/'],
      [{ root: '/app/' }, '/app/'],
      [{ root: 'tenant', separator: [':', '/'] }, 'tenant:'],
      [{ root: 'tenant/', separator: [':', '/'] }, 'tenant/'],
      [{ root: 'app', separator: '' }, 'app'],
      [{ root: '\\xff' }, '\\xff/'],
    ];
    for (const [more, expected] of cases)
      assert.equal(rootText(profileOf(more).settings), expected, JSON.stringify(more));
  });

  it('is a problem of the connection where it is no key text', () => {
    assert.match(profileOf({ separator: '\\' }).problem ?? '', /"separator" of the connection a .*\\ at position 1/);
    assert.match(profileOf({ root: 'a\\x' }).problem ?? '', /"root" of the connection a /);
  });

  it('has several roots, each once and none inside another', () => {
    const roots = (root: string | readonly string[]) => rootsOf({ root }, SLASHES).map(keyText);
    assert.deepEqual(roots(['/b', '/a/', '/b/', '/a/c/']), ['/b/', '/a/']);
    assert.deepEqual(roots(['/a/c/', '/a/']), ['/a/']);
    assert.deepEqual(roots(['/a/', '']), ['']);
    assert.deepEqual(roots([]), ['']);
    assert.deepEqual(roots('/a'), ['/a/']);
    assert.deepEqual(roots(Array.from({ length: 200 }, (_, index) => `/${index}/`)).length, 100);
    assert.equal(keyText(rootOf({ root: ['/x/a/', '/x/b/'] }, SLASHES)), '/x/');
    assert.equal(keyText(rootOf({ root: ['a:b'] }, new Hierarchy([]))), 'a:b');
  });
});
