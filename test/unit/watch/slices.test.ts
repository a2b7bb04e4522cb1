import assert from 'node:assert/strict';
import type { KeyEvent, WatchBatch } from '../../../src/etcd/keyStore.ts';
import { slices } from '../../../src/etcd/watch/slices.ts';

describe('slices of a batch', () => {
  it('have whole revisions, and all of them in their order', () => {
    for (const size of [1, 2, 3, 5, 100]) {
      const batch = batchOf([1, 1, 1, 2, 3, 3, 4, 5, 6, 6, 6, 6, 6, 7]);
      const cut = [...slices(batch, size)];
      assert.deepEqual(
        cut.flatMap(({ events }) => events),
        batch.events,
      );
      const revisions = cut.map(({ events }) => new Set(events.map(revisionOf)));
      assert.equal(
        new Set(revisions.flatMap((each) => [...each])).size,
        revisions.reduce((sum, { size: n }) => sum + n, 0),
      );
      assert.deepEqual(
        cut.slice(0, -1).map(({ revision }) => revision),
        revisions.slice(0, -1).map((each) => [...each].at(-1)),
      );
      assert.equal(cut.at(-1)?.revision, batch.revision);
    }
  });

  it('are as small as whole revisions let them be', () => {
    assert.deepEqual(
      [...slices(batchOf([1, 1, 1, 2, 3, 3, 4, 5]), 2)].map(({ events }) =>
        events.map((event) => Number(revisionOf(event))),
      ),
      [
        [1, 1, 1],
        [2, 3, 3],
        [4, 5],
      ],
    );
  });

  it('of a batch that only tells a revision are that batch', () => {
    assert.deepEqual([...slices({ revision: 9n, events: [] }, 2)], [{ revision: 9n, events: [] }]);
  });
});

/** Creates a batch that reaches revision 10. */
function batchOf(revisions: readonly number[]): WatchBatch {
  const events = revisions.map((revision, index): KeyEvent => ({
    kind: 'delete',
    key: Uint8Array.of(index),
    modRevision: BigInt(revision),
  }));
  return { revision: 10n, events };
}

function revisionOf(event: KeyEvent): bigint {
  return event.kind === 'put' ? event.kv.modRevision : event.modRevision;
}
