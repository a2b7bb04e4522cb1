import type { Expectation, KeyMetadata } from '../keyStore.ts';

/** Whether a key is as a write expects it; without metadata, the key is absent. */
export function isAsExpected(expected: Expectation, now: KeyMetadata | undefined): boolean {
  return expected === 'absent' ? now === undefined : now?.modRevision === expected.modRevision;
}
