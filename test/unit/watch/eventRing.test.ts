import assert from 'node:assert/strict';
import type { KeyEvent } from '../../../src/etcd/keyStore.ts';
import { eventLine } from '../../../src/etcd/watch/eventLine.ts';
import { EventRing } from '../../../src/etcd/watch/eventRing.ts';

const KEY = Buffer.from('/a\xff', 'latin1');

function put(revision: number, value: string, before?: string): KeyEvent {
  const kv = (content: string, at: number) => ({
    key: KEY,
    value: Buffer.from(content),
    createRevision: 1n,
    modRevision: BigInt(at),
  });
  return {
    kind: 'put',
    kv: kv(value, revision),
    ...(before !== undefined && { previous: kv(before, revision - 1) }),
  };
}

describe('EventRing', () => {
  it('keeps the latest events, counts all, and finds each of those by its number', () => {
    const ring = new EventRing({ events: 10, bytes: 1000 });
    for (let revision = 1; revision <= 1000; revision++) {
      ring.push([put(revision, 'x')], revision);
      assert.equal(ring.kept, Math.min(revision, 10));
      const numbers = [...ring.newest()].map(({ number }) => number);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => b - a),
      );
      assert.equal(numbers[0], revision);
      for (const number of numbers) assert.equal(ring.find(number)?.revision, BigInt(number));
      assert.equal(ring.find(revision - 10), undefined);
      assert.equal(ring.find(revision + 1), undefined);
    }
    assert.equal(ring.total, 1000);
    assert.deepEqual(
      ring.oldest().map(({ number }) => number),
      Array.from({ length: 10 }, (_, index) => 991 + index),
    );
  });

  it('drops the oldest values where there is no room for them, and says so', () => {
    const ring = new EventRing({ events: 10, bytes: 10 });
    ring.push([put(2, 'aaaa', 'bb'), put(3, 'cccc')], 0);
    assert.equal(ring.find(1)?.valuesDropped, undefined);
    ring.push([put(4, 'd')], 0);
    assert.equal(ring.find(1)?.valuesDropped, true);
    assert.equal(ring.find(1)?.previous, undefined);
    assert.equal(ring.find(1)?.size, 4);
    assert.deepEqual(ring.find(2)?.value, Buffer.from('cccc'));
    ring.push([put(5, 'much larger than all that there is room for')], 0);
    assert.deepEqual(
      [...ring.newest()].map(({ valuesDropped }) => valuesDropped),
      [true, true, true, true],
    );
    ring.push([put(6, 'fits')], 0);
    assert.deepEqual(ring.find(5)?.value, Buffer.from('fits'));
  });

  it('goes on counting numbers, but not events, after it was cleared', () => {
    const ring = new EventRing({ events: 3, bytes: 100 });
    ring.push([put(1, 'x'), put(2, 'y')], 0);
    ring.clear();
    assert.deepEqual([ring.total, ring.kept, [...ring.newest()].length], [0, 0, 0]);
    ring.push([put(3, 'z')], 0);
    assert.deepEqual([ring.total, ring.find(3)?.revision, ring.find(2)], [1, 3n, undefined]);
  });

  it('tells created, changed and deleted keys, directories and gaps apart', () => {
    const ring = new EventRing({ events: 10, bytes: 100 });
    const folder = { kind: 'folder', prefix: Buffer.from('/d/'), modRevision: 4n } as const;
    ring.push([put(1, 'x'), put(2, 'y', 'x'), { kind: 'delete', key: KEY, modRevision: 3n }], 0);
    ring.push(
      [
        { ...folder, deleted: false },
        { ...folder, deleted: true },
      ],
      0,
    );
    ring.pushGap(9n, 0);
    assert.deepEqual(
      ring.oldest().map(({ kind }) => kind),
      ['created', 'changed', 'deleted', 'folderCreated', 'folderDeleted', 'gap'],
    );
  });
});

describe('an event as a line of JSON', () => {
  it('has the values only where they are asked for, and says where they were dropped', () => {
    const ring = new EventRing({ events: 10, bytes: 9 });
    ring.push([put(2, 'ä', 'old')], 0);
    const event = ring.find(1);
    assert.ok(event);
    const kept = { time: '1970-01-01T00:00:00.000Z', event: 'changed', revision: '2', key: '/a\\xff', size: 2 };
    const facts = { ...kept, previousRevision: '1', previousSize: 3 };
    assert.deepEqual(JSON.parse(eventLine(event, false)), facts);
    assert.deepEqual(JSON.parse(eventLine(event, true)), { ...facts, value: 'w6Q=', previousValue: 'b2xk' });
    ring.push([put(3, '12345678')], 0);
    assert.deepEqual(JSON.parse(eventLine(event, true)), { ...kept, valuesDropped: true });
  });
});
