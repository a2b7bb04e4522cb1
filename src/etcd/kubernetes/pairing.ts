import { isDeepStrictEqual } from 'node:util';
import { isObject, member, type Json } from './json.ts';

/** Members that identify elements of Kubernetes' lists, in the order in which they are tried. */
const IDENTITIES = ['name', 'key', 'type', 'uid', 'manager', 'ip', 'mountPath', 'containerPort', 'port'];

function identityOf(json: Json, name: string): string | undefined {
  const value = isObject(json) ? member(json, name) : undefined;
  return typeof value === 'object' || value === undefined ? undefined : `${typeof value} ${String(value)}`;
}

/** Returns the same text for equal JSON, whatever the order of its members. */
function canonical(json: Json): string {
  return JSON.stringify(json, (_name, value: Json) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/**
 * Finds the old element that each new one comes from: an equal one at the same place, or any equal one, or one with the
 * same name or similar, or the one at the same place. Each old element has at most one successor.
 * @returns for each new element the index of the old one, or undefined
 */
export function pairElements(before: readonly Json[], after: readonly Json[]): (number | undefined)[] {
  const partners = after.map((): number | undefined => undefined);
  const free = new Set(before.keys());
  const pair = (index: number, old: number | undefined): void => {
    if (old === undefined || !free.delete(old)) return;
    partners[index] = old;
  };
  const pairAlike = (sign: (json: Json) => string | undefined): void => {
    if (free.size === 0) return;
    const candidates = new Map<string, number[]>();
    for (const old of free) {
      const key = sign(before[old] ?? null);
      if (key === undefined) continue;
      const known = candidates.get(key);
      if (known) known.push(old);
      else candidates.set(key, [old]);
    }
    for (const index of candidates.size > 0 ? after.keys() : []) {
      if (partners[index] !== undefined) continue;
      const key = sign(after[index] ?? null);
      if (key !== undefined) pair(index, candidates.get(key)?.shift());
    }
  };
  for (const index of after.keys()) if (isDeepStrictEqual(before[index], after[index])) pair(index, index);
  pairAlike(canonical);
  for (const name of IDENTITIES) pairAlike((json) => identityOf(json, name));
  for (const index of after.keys()) if (partners[index] === undefined) pair(index, index);
  return partners;
}
