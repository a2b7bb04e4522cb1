import { fromBinaryKey, toBinaryKey } from '../keys/binaryKey.ts';
import { prefixRange } from '../keys/ranges.ts';
import type { KeyEvent, KeyStore } from '../keyStore.ts';

/** How often a folder of a level, or a key without a folder, was written or deleted. */
export interface ChurnRow {
  readonly path: Uint8Array;
  readonly changes: number;
}

/** Folders and keys whose changes are counted. */
const MAX_PATHS = 10_000;

/**
 * Counts changes below a level while they happen.
 * @param changed called after each batch with the folders that change most first
 * @returns once `signal` aborts
 * @throws EtcdError if changes cannot be followed
 */
export async function countChanges(
  store: KeyStore,
  prefix: Uint8Array,
  changed: (rows: readonly ChurnRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const counts = new Map<string, number>();
  for await (const { events } of store.watch(prefixRange(prefix), { signal })) {
    for (const event of events) {
      const { path } = store.hierarchy.childOf(toBinaryKey(pathOf(event)), prefix.length);
      const count = counts.get(path) ?? 0;
      if (count > 0 || counts.size < MAX_PATHS) counts.set(path, count + 1);
    }
    if (events.length > 0) changed(rowsOf(counts));
  }
}

function rowsOf(counts: ReadonlyMap<string, number>): ChurnRow[] {
  return [...counts]
    .map(([path, changes]): ChurnRow => ({ path: fromBinaryKey(path), changes }))
    .toSorted((one, other) => other.changes - one.changes);
}

function pathOf(event: KeyEvent): Uint8Array {
  if (event.kind === 'put') return event.kv.key;
  return event.kind === 'delete' ? event.key : event.prefix;
}
