import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const MEGABYTE = 1024 * 1024;
/** Bytes that tests and the client itself may hold meanwhile. */
const SLACK = 3 * MEGABYTE;
/** Measurements until what is still there counts as held: a busy machine releases late. */
const MAX_ATTEMPTS = 30;

/** Collects garbage, whether or not Node was started with its flag. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

async function memory(): Promise<number> {
  // What was just closed, and the latest answer, are released a little later.
  for (let turn = 0; turn < 5; turn++) {
    await delay(50);
    collectGarbage();
  }
  return heldNow();
}

/** Returns the bytes that are held at this moment. */
export function heldNow(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/**
 * @param most bytes that the result of `keep` may hold
 * @param settle makes one more small request, because the latest answer may live on for a while
 */
export async function assertHolds(
  most: number,
  settle: () => Promise<unknown>,
  keep: () => Promise<unknown>,
): Promise<void> {
  const before = await memory();
  const kept = await keep();
  let held = Infinity;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && held > most + SLACK; attempt++) {
    await settle();
    held = (await memory()) - before;
  }
  assert.ok(kept !== undefined);
  assert.ok(held <= most + SLACK, `${(held / MEGABYTE).toFixed(1)} MB are held`);
}
