import { EtcdError } from './errors.ts';
import { prefixRange, rangeContains } from './keys/ranges.ts';
import type { LeaseInfo, Leases } from './keyStore.ts';

/** Conditions for leases; without any, all are wanted. */
export interface LeaseFilter {
  /** A key with this prefix is attached. */
  readonly prefix?: Uint8Array;
  /** Fewer seconds than this are left. */
  readonly secondsLeft?: number;
}

export interface FoundLease extends LeaseInfo {
  /** When it ends, in milliseconds since 1970. */
  readonly ends: number;
}

export interface FoundLeases {
  readonly infos: readonly FoundLease[];
  /** Leases that were asked about, and all that there are. */
  readonly asked: number;
  readonly all: number;
  /** What etcd lists. */
  readonly ids: readonly bigint[];
}

/** Leases requested at a time. */
const AT_ONCE = 20;

/**
 * Returns the first leases that are wanted, in etcd's order. etcd lists only their ids, so each is asked about, until
 * enough are found.
 * @param before fewer of them, which are not asked about again
 */
export async function findLeases(
  leases: Leases,
  filter: LeaseFilter,
  most: number,
  { signal, before }: { readonly signal?: AbortSignal; readonly before?: FoundLeases | undefined } = {},
): Promise<FoundLeases> {
  const ids = before?.ids ?? (await leases.list(signal));
  const found = [...(before?.infos ?? [])];
  let asked = before?.asked ?? 0;
  while (asked < ids.length && found.length < most) {
    signal?.throwIfAborted();
    const some = ids.slice(asked, asked + AT_ONCE);
    const infos = await Promise.all(some.map((id) => infoOf(leases, id, signal)));
    const used = firstWanted(infos, filter, most - found.length);
    found.push(...used.infos);
    asked += used.asked;
  }
  return { infos: found, asked, all: ids.length, ids };
}

/** Takes as many as are missing, and counts up to the last of them, so that the next page begins behind it. */
function firstWanted(infos: readonly (FoundLease | undefined)[], filter: LeaseFilter, missing: number) {
  const wanted: FoundLease[] = [];
  let asked = 0;
  for (const info of infos) {
    if (wanted.length === missing) break;
    asked++;
    // A lease that has ended meanwhile is skipped.
    if (info && isWanted(info, filter)) wanted.push(info);
  }
  return { infos: wanted, asked };
}

function isWanted({ ttl, keys }: LeaseInfo, { prefix, secondsLeft = Infinity }: LeaseFilter): boolean {
  const range = prefix && prefixRange(prefix);
  return ttl < secondsLeft && (range === undefined || keys.some((key) => rangeContains(range, key)));
}

async function infoOf(leases: Leases, id: bigint, signal: AbortSignal | undefined): Promise<FoundLease | undefined> {
  const info = await readInfo(leases, id, signal);
  return info && { ...info, ends: Date.now() + info.ttl * 1000 };
}

/** Returns a lease's facts, without its keys if the user may not read them; undefined if the lease has ended. */
async function readInfo(leases: Leases, id: bigint, signal: AbortSignal | undefined): Promise<LeaseInfo | undefined> {
  try {
    return await leases.info(id, signal);
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    const ttl = await leases.timeToLive(id, signal).catch(() => undefined);
    return ttl === undefined ? undefined : { id, ttl, grantedTtl: ttl, keys: [] };
  }
}
