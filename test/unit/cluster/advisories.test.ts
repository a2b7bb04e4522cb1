import assert from 'node:assert/strict';
import { advisoriesFor, hasUnsafeDefragmentation } from '../../../src/etcd/cluster/advisories.ts';

describe('the published faults of a version', () => {
  const names = (version: string) => advisoriesFor(version).map(({ name }) => name);

  it('are those that were fixed in a later version of its series', () => {
    assert.ok(names('3.5.16').includes('CVE-2026-33413'));
    assert.ok(names('3.5.27').includes('CVE-2026-33413'));
    assert.ok(!names('3.5.28').includes('CVE-2026-33413'));
    assert.equal(advisoriesFor('3.4.41').find(({ name }) => name === 'CVE-2026-33413')?.fixedIn, '3.4.42');
    assert.ok(names('3.6.0-rc.1').includes('CVE-2026-33343'));
    assert.deepEqual(names('3.7.0'), ['GHSA-xg4h-6gfc-h4m8', 'GHSA-6vch-q96h-7gc3']);
    assert.ok(!names('3.6.8').includes('CVE-2021-28235'));
  });

  it('are none for what cannot be read, and for what has them all fixed', () => {
    assert.deepEqual(names(''), []);
    assert.deepEqual(names('3.7.1'), []);
    assert.deepEqual(names('9.9.9'), []);
  });

  it('name the versions that are not to be defragmented', () => {
    assert.deepEqual(['3.4.0', '3.5.0', '3.5.5', '3.5.6', '3.5.16', '3.6.0'].map(hasUnsafeDefragmentation), [
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
