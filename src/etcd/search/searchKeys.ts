import { throwIfAborted } from '../cancelled.ts';
import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keys/keyText.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import type { KeyList, KeyRange, KeyStore, KeyValue } from '../keyStore.ts';
import { encodingOf } from '../kubernetes/encodings.ts';
import type { KeyMatcher, SearchedEntry } from './keyMatcher.ts';
import type { KeyHit } from './keyQuery.ts';
import { limitedWork } from '../limitedWork.ts';
import { listedMatchText } from './matchText.ts';

// See docs/contributing/decisions/search.md

/** Milliseconds of matching before other work of the process gets its turn. */
const TURN = 5;
/** Limit of keys matched between two readings of the clock. */
const KEYS_BETWEEN_LOOKS = 64;
/** Milliseconds that one key or one value may take. */
const TIME_LIMIT = 250;

/** The results of one range of keys. */
export interface SearchStep {
  readonly hits: readonly KeyHit[];
  /** Keys searched so far. */
  readonly scanned: number;
  /** Number of keys in the range, as far as known. */
  readonly total: number;
}

/** What a search needs of a store. */
export type SearchedStore = Pick<KeyStore, 'hierarchy' | 'scan' | 'scanKeys'>;

interface SearchedKeys {
  /** Entries are not kept: `at` may return the same object each time. */
  readonly entries: { readonly length: number; at(index: number): SearchedEntry | undefined };
  readonly total: number;
}

/**
 * Searches all keys in the matcher's range, only as fast as the caller consumes the steps. All keys are read at one
 * revision; if that is compacted, the rest is read at a newer one.
 * @throws EtcdError `pattern` if the regular expression takes too long
 */
export async function* searchKeys(
  store: SearchedStore,
  matcher: KeyMatcher,
  signal?: AbortSignal,
): AsyncGenerator<SearchStep> {
  const { range, values } = matcher;
  if (!range) return yield { hits: [], scanned: 0, total: 0 };
  let { start } = range;
  let scanned = 0;
  for (;;) {
    const scannedBefore = scanned;
    try {
      for await (const { entries, total } of stretches(store, { start, end: range.end }, values, signal)) {
        for (let at = 0; at < entries.length;) {
          const hits: KeyHit[] = [];
          const before = at;
          at = matchSome(entries, at, matcher, hits);
          scanned += at - before;
          yield { hits, scanned, total: scannedBefore + total };
          await setImmediate();
          throwIfAborted(signal);
        }
        const last = entries.length > 0 ? entries.at(entries.length - 1) : undefined;
        if (last) start = singleKeyRange(last.key).end;
      }
      return;
    } catch (error) {
      if (!EtcdError.is(error, 'compacted') || scanned === scannedBefore) throw error;
    }
  }
}

async function* stretches(
  store: SearchedStore,
  range: KeyRange,
  values: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<SearchedKeys> {
  const options = { signal, levels: true };
  if (values) {
    for await (const { kvs, total } of store.scan(range, { ...options, values })) {
      yield { entries: await withFields(kvs, signal), total };
    }
    return;
  }
  for await (const { keys, total } of store.scanKeys(range, options)) {
    const row = new ListedEntry(keys);
    yield { entries: { length: keys.length, at: (index) => row.moveTo(index) }, total };
  }
}

/** Reads the objects of Kubernetes among the values, with a turn for other work in between. */
async function withFields(
  kvs: readonly KeyValue[],
  signal: AbortSignal | undefined,
): Promise<readonly SearchedEntry[]> {
  if (!kvs.some(({ value }) => encodingOf(value) !== undefined)) return kvs;
  // Loaded when a search meets the first such value.
  const { fieldLines } = await import('../kubernetes/fieldLines.ts');
  const entries: SearchedEntry[] = [];
  let end = performance.now() + TURN;
  for (const { key, value } of kvs) {
    entries.push({ key, value, fields: fieldLines(value) });
    if (performance.now() < end) continue;
    await setImmediate();
    throwIfAborted(signal);
    end = performance.now() + TURN;
  }
  return entries;
}

/** Presents one key of a list at a time; a key that does not match leaves almost no garbage. */
class ListedEntry implements SearchedEntry {
  readonly #keys: KeyList;
  #index = 0;

  constructor(keys: KeyList) {
    this.#keys = keys;
  }

  moveTo(index: number): this {
    this.#index = index;
    return this;
  }

  get key(): Uint8Array {
    return this.#keys.key(this.#index);
  }

  get text(): string {
    return listedMatchText(this.#keys, this.#index);
  }
}

/**
 * Matches entries, from one on, for one turn; adds hits to the list.
 * @returns where the next turn begins
 * @throws EtcdError `pattern` naming the key that takes too long
 */
function matchSome(entries: SearchedKeys['entries'], from: number, matcher: KeyMatcher, hits: KeyHit[]): number {
  let at = from;
  const matchTurn = () => {
    const end = performance.now() + TURN;
    let looked = performance.now();
    // Reading the clock takes as long as matching a short key, so it happens less often for fast keys.
    for (let keys = 1; at < entries.length && looked < end;) {
      for (const stop = Math.min(at + keys, entries.length); at < stop; at++) {
        const entry = entries.at(at);
        const hit = entry && matcher.match(entry);
        if (hit) hits.push(hit);
      }
      const now = performance.now();
      keys = now - looked < TURN / KEYS_BETWEEN_LOOKS ? Math.min(keys * 2, KEYS_BETWEEN_LOOKS) : 1;
      looked = now;
    }
    return at;
  };
  const next = limitedWork({ milliseconds: TIME_LIMIT }, matchTurn);
  if (next !== undefined) return next;
  throw new EtcdError(
    'pattern',
    l10n.t('The regular expression is too slow on {0}. Simplify it.', keyText(entries.at(at)?.key ?? new Uint8Array())),
  );
}
