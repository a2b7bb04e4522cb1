import assert from 'node:assert/strict';
import { ReportedState, distinctSize } from '../../../../src/documents/keyFile/reportedState.ts';

describe('ReportedState', () => {
  it('tells a key by its revision, the same as long as that stays', () => {
    const state = new ReportedState();
    assert.equal(state.reportKey(7n, true), 7);
    assert.equal(state.reportKey(7n, true), 7);
    assert.deepEqual(state.last, { kind: 'key', modRevision: 7n, text: true });
  });

  it('never goes back in time when a restored cluster does', () => {
    const state = new ReportedState();
    assert.equal(state.reportKey(100n, true), 100);
    assert.equal(state.reportKey(40n, true), 101);
    assert.equal(state.reportKey(40n, true), 101);
    assert.equal(state.reportKey(41n, true), 102);
    assert.equal(state.reportKey(200n, true), 200);
  });

  it('tells an absent key by the revision at which that was first seen', () => {
    const state = new ReportedState();
    assert.equal(state.reportKey(7n, true), 7);
    assert.equal(state.reportAbsent('file', 9n), 9);
    assert.equal(state.reportAbsent('file', 12n), 9);
    assert.deepEqual(state.last, { kind: 'absent', as: 'file' });
    assert.equal(state.reportKey(13n, true), 13);
  });

  it('tells a draft by an older time than any key', () => {
    const state = new ReportedState();
    assert.equal(state.reportAbsent('file', 1n), 1);
    assert.ok(state.reportKey(2n, true) > 1);
  });
});

describe('distinctSize', () => {
  it('is the length and a little more, different at each revision', () => {
    const sizes = [1, 2, 3, 1000, 123_456_789].map((mtime) => distinctSize(1_500_000, mtime));
    assert.equal(new Set(sizes).size, sizes.length);
    for (const size of sizes) assert.ok(size > 1_500_000 && size < 1_500_001, String(size));
  });

  it('stays different in the radix in which VS Code compares sizes', () => {
    const length = 8 * 2 ** 20;
    const texts = Array.from({ length: 1000 }, (_, revision) => distinctSize(length, revision).toString(31));
    assert.equal(new Set([...texts, length.toString(31)]).size, 1001);
  });
});
