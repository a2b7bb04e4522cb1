import type { Expectation, KeyMetadata } from './keyStore.ts';

/** Whether a key, which is absent where there is no metadata, is as a write expects it. */
export function isAsExpected(expected: Expectation, now: KeyMetadata | undefined): boolean {
  return expected === 'absent' ? now === undefined : now?.modRevision === expected.modRevision;
}
