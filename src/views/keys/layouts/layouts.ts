import { apisix } from './apisix.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { kubernetes } from './kubernetes.ts';
import { lookIn, type Layout, type Look } from './layout.ts';
import { locks } from './locks.ts';
import { m3 } from './m3.ts';
import { milvus } from './milvus.ts';
import { patroni } from './patroni.ts';
import type { PlaceInLine } from './placeInLine.ts';
import { skydns } from './skydns.ts';
import { traefik } from './traefik.ts';
import { vitess } from './vitess.ts';

/** Limit of a path in characters; longer ones belong to no known layout, and are not examined. */
const MAX_PATH = 1000;

/** All layouts. Those that are recognized only by the ends of their keys come last. */
const LAYOUTS: readonly Layout[] = [
  ...[kubernetes, patroni, apisix, traefik, skydns, cilium, calico, m3],
  ...[milvus, vitess],
];

/**
 * Recognizes what a key or folder is, by its path alone.
 * @param place of a key in the line for a lock or an election
 */
export function lookOf(path: string, place?: PlaceInLine): Look | undefined {
  if (path.length > MAX_PATH) return undefined;
  for (const layout of place ? [...LAYOUTS, locks(place)] : LAYOUTS) {
    const look = lookIn(layout, path);
    if (look) return look;
  }
  return undefined;
}
