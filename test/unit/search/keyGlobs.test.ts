import assert from 'node:assert/strict';
import { Hierarchy, SLASHES } from '../../../src/etcd/keys/hierarchy.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { KeyGlobs } from '../../../src/etcd/search/keyGlobs.ts';
import { bytes, text } from '../../etcd/connecting.ts';
import { failsAs } from '../../etcd/errorKind.ts';

const globs = (...list: string[]) => new KeyGlobs('readOnly', list, SLASHES, true);

describe('globs of a connection', () => {
  it('match keys as a search does', () => {
    for (const [glob, matching, others] of [
      ['/registry/**', ['/registry/', '/registry/a', '/registry/a/b'], ['/registry', '/registry2/a', 'registry/a']],
      ['/a/*/b', ['/a/x/b', '/a//b'], ['/a/x/y/b', '/a/b']],
      ['secret*', ['/a/secret', 'secrets', '/x/y/secret-1'], ['/secret/a', '/a/xsecret']],
      ['config/**', ['/config/a', 'config/b'], ['/x/config/a']],
      ['/{a,b}/**', ['/a/1', '/b/2'], ['/c/1', '/a']],
      ['/**/password', ['/password', '/a/b/password'], ['/a/passwords']],
      [String.raw`/\*\*`, ['/**'], ['/a']],
    ] as const) {
      for (const key of matching) assert.ok(globs(glob).matches(bytes(key)), `${glob} matches ${key}`);
      for (const key of others) assert.ok(!globs(glob).matches(bytes(key)), `${glob} does not match ${key}`);
    }
    assert.ok(globs('/a', '/b').matches(bytes('/b')));
    assert.ok(!globs().matches(bytes('/b')));
    assert.ok(new KeyGlobs('x', [':a:**'], new Hierarchy([bytes(':')]), true).matches(bytes(':a:b/c')));
  });

  it('match a whole folder only if every key in it matches', () => {
    assert.ok(globs('/registry/**').matchesAll(bytes('/registry/')));
    assert.ok(globs('/registry/**').matchesAll(bytes('/registry/pods/')));
    assert.ok(globs('/*/logs/**').matchesAll(bytes('/a/logs/')));
    for (const glob of ['/registry/*', '/registry/**/x', '/registry/pods/**', String.raw`/registry/\**`])
      assert.ok(!globs(glob).matchesAll(bytes('/registry/')), glob);
  });

  it('tell where a key can match', () => {
    const partsOf = (glob: string, prefix: string) =>
      globs(glob)
        .partsOf(prefixRange(bytes(prefix)))
        .map(({ start, end }) => `${text(start)} ${text(end)}`);
    assert.deepEqual(partsOf('/a/b/**', '/a/'), ['/a/b/ /a/b0']);
    assert.deepEqual(partsOf('/a/**', '/a/b/'), ['/a/b/ /a/b0']);
    assert.deepEqual(partsOf('/a/**', '/c/'), []);
    assert.deepEqual(partsOf('x', '/c/'), ['/c/ /c0']);
  });

  it('are bounded, in number, length and time', () => {
    assert.throws(
      () => globs(...Array.from({ length: 101 }, () => 'a')),
      failsAs('configuration', /at most 100 globs/),
    );
    assert.throws(() => globs('a'.repeat(501)), failsAs('configuration', /at most 500 characters/));
    assert.throws(() => globs(''), failsAs('configuration', /is not a list of globs/));
    const hostile = `/a/${'*a'.repeat(200)}b`;
    const key = bytes(`/a/${'a'.repeat(400)}`);
    const before = process.cpuUsage();
    // What takes too long counts as read-only, and as not hidden.
    const slow = [globs(hostile), new KeyGlobs('hidden', [hostile], SLASHES, false)];
    for (let times = 0; times < 100; times++)
      assert.deepEqual(
        slow.map((each) => each.matches(key)),
        [true, false],
      );
    // Each match ends in time, on a fast machine in some 20 ms, but a level has many keys.
    const sluggish = globs('/s/*a*a*a*b');
    const sluggishKey = bytes(`/s/${'a'.repeat(130)}`);
    let tries = 0;
    while (!sluggish.matches(sluggishKey) && tries < 1000) tries++;
    assert.ok(tries < 1000, 'slow matches are tried only for a while');
    const { user, system } = process.cpuUsage(before);
    assert.ok((user + system) / 1_000_000 < 20, 'a slow glob is tried only once');
  });
});
