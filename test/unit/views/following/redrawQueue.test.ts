import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { FolderNode } from '../../../../src/views/keys/nodes.ts';
import { RedrawQueue } from '../../../../src/views/following/redrawQueue.ts';

/** Milliseconds without a change after which VS Code draws immediately; see `RedrawQueue`. */
const PEACE = 200;

describe('RedrawQueue', () => {
  let now: number;

  beforeEach(() => {
    now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => now);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  function pass(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed++) {
      now++;
      mock.timers.tick(1);
    }
  }

  /** Creates a folder with only what drawing reads. */
  function folder(rows = 1): FolderNode {
    return { kind: 'folder', loaded: Array.from({ length: rows }) } as unknown as FolderNode;
  }

  it('draws what happens by itself within a moment, and gathers what comes with it', () => {
    const drawn: number[] = [];
    const queue = new RedrawQueue(1000, (nodes) => drawn.push(nodes.length));
    queue.add(folder(), 'soon');
    queue.add(folder(), 'soon');
    pass(50);
    assert.deepEqual(drawn, [2]);
  });

  it('leaves VS Code the peace without which it would draw nothing while something happens all the time', () => {
    const drawn: number[] = [];
    const queue = new RedrawQueue(1000, () => drawn.push(now));
    const busy = folder();
    for (let times = 0; times < 100; times++) {
      queue.add(busy, 'soon');
      pass(20);
    }
    assert.ok(drawn.length >= 5, String(drawn));
    drawn.slice(1).forEach((at, index) => assert.ok(at - (drawn[index] ?? 0) > PEACE, String(drawn)));
  });

  it('draws nothing that was dropped', () => {
    let drawings = 0;
    const queue = new RedrawQueue(1000, () => drawings++);
    const flooded = folder();
    queue.add(flooded, 'soon');
    queue.drop(flooded);
    pass(2000);
    assert.equal(drawings, 0);
  });
});
