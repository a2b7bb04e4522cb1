import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { fromBinaryKey, toBinaryKey } from '../keys/binaryKey.ts';
import { prefixRange, singleKeyRange } from '../keys/ranges.ts';
import type { Child, KeyRange, KeyStore } from '../keyStore.ts';
import { bytesOf, sampledSpace, writesOf, type Space } from './sampledSpace.ts';
import type { Sampled } from './strata.ts';

/** A folder of a level, or a key that has no folder. */
export interface SpaceRow extends Space {
  readonly kind: 'folder' | 'key';
  /** The whole key, or the prefix with its last separator. */
  readonly path: Uint8Array;
}

/** Space that the folders and keys of a level take, the largest first. */
export interface FolderSpace {
  readonly rows: readonly SpaceRow[];
  /** Folders and keys that are not among the rows. */
  readonly others: number;
}

export interface SpaceProgress {
  readonly done: number;
  readonly total: number;
}

/** Limit of the folders and keys of a level that are examined. */
const MAX_CHILDREN = 1000;
/** Limit of those that are sampled: the ones with the most keys. */
const MAX_SAMPLED = 100;
/** Folders that are sampled at a time. */
const AT_ONCE = 4;
/** Folders and keys whose figures are kept while everything is read. */
const MAX_TOTALS = 200_000;

/** Whether sizes can be sampled; otherwise everything has to be read. */
export function canSample(store: KeyStore): store is Sampled {
  return store.firstKeys !== undefined;
}

/**
 * Estimates what each folder of a level takes, in a time that depends on the number of folders.
 * @param prefix of the level; empty for the top
 */
export async function sampleFolder(
  store: Sampled,
  prefix: Uint8Array,
  progress: (done: SpaceProgress) => void,
  signal: AbortSignal,
): Promise<FolderSpace> {
  const { children, done, left = 0 } = await store.listChildren(prefix).next(MAX_CHILDREN, signal);
  const counted = await Promise.all(
    children.map(async (child) => ({ child, keys: await countOf(store, child, signal) })),
  );
  const largest = counted.toSorted((one, other) => other.keys - one.keys).slice(0, MAX_SAMPLED);
  const rows: SpaceRow[] = [];
  for (let at = 0; at < largest.length; at += AT_ONCE) {
    progress({ done: at, total: largest.length });
    const some = largest.slice(at, at + AT_ONCE);
    rows.push(
      ...(await Promise.all(
        some.map(async ({ child: { kind, path }, keys }): Promise<SpaceRow> => {
          return { kind, path, ...(await sampledSpace(store, rangeOf({ kind, path }), keys, signal)) };
        }),
      )),
    );
  }
  return { rows: rows.toSorted(bySize), others: children.length - largest.length + (done ? 0 : Math.max(1, left)) };
}

async function countOf(store: KeyStore, child: Child, signal: AbortSignal): Promise<number> {
  if (child.kind === 'key') return 1;
  return child.keyCount ?? (await store.count([rangeOf(child)], signal)).keys;
}

function rangeOf({ kind, path }: Pick<Child, 'kind' | 'path'>): KeyRange {
  return kind === 'folder' ? prefixRange(path) : singleKeyRange(path);
}

/** Reads all keys below a level and adds up what each of its folders takes. */
export async function measureFolder(
  store: KeyStore,
  prefix: Uint8Array,
  progress: (done: SpaceProgress) => void,
  signal: AbortSignal,
): Promise<FolderSpace> {
  const totals = new Map<string, { kind: SpaceRow['kind']; keys: number; bytes: number; writes: number }>();
  const { hierarchy } = store;
  let [done, countsWrites] = [0, true];
  for await (const { kvs, total } of store.scan(prefixRange(prefix), { values: true, levels: true, signal })) {
    for (const kv of kvs) {
      const { path, kind } = hierarchy.childOf(toBinaryKey(kv.key), prefix.length);
      const known = totals.get(path) ?? { kind, keys: 0, bytes: 0, writes: 0 };
      known.keys++;
      known.bytes += bytesOf(kv);
      known.writes += writesOf(kv);
      countsWrites &&= kv.version !== undefined;
      totals.set(path, known);
      if (totals.size > MAX_TOTALS) throw tooMany();
    }
    done += kvs.length;
    progress({ done, total });
  }
  const exact = (value: number) => ({ value, plusMinus: 0 });
  const rows = [...totals].map(([path, { kind, keys, bytes, writes }]): SpaceRow => ({
    ...{ kind, path: fromBinaryKey(path), keys, bytes: exact(bytes) },
    writes: countsWrites ? exact(writes) : undefined,
  }));
  const sorted = rows.toSorted(bySize);
  return { rows: sorted.slice(0, MAX_SAMPLED), others: Math.max(0, sorted.length - MAX_SAMPLED) };
}

function tooMany(): EtcdError {
  return new EtcdError(
    'unsupported',
    l10n.t('This level has more than {0} folders and keys. Measure a folder of it.', MAX_TOTALS.toLocaleString()),
  );
}

function bySize(one: SpaceRow, other: SpaceRow): number {
  return other.bytes.value - one.bytes.value;
}
