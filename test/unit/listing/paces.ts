import type { Pace, PaceSettings } from '../../../src/etcd/listing/childListing.ts';

/** Creates a pace that does not depend on time. */
export function fixedPace(settings: PaceSettings): Pace {
  return { settings, start: () => () => undefined };
}

export const nearPace = fixedPace({
  parallel: 2,
  smallGap: 128,
  keysPerPart: 1500,
  keysToReadAlone: 4500,
  firstLimit: 300,
});
export const farPace = fixedPace({
  parallel: 8,
  smallGap: 500,
  keysPerPart: 400,
  keysToReadAlone: Infinity,
  firstLimit: 1000,
});
