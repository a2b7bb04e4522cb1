import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keyspace/keyText.ts';
import { singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyList, KeyRange, KeyStore } from '../keyStore.ts';
import type { KeyMatcher, SearchedEntry } from './keyMatcher.ts';
import type { KeyHit } from './keyQuery.ts';
import { listedMatchText } from './matchText.ts';
import { runWithin } from './timeLimit.ts';

/** Milliseconds of matching after which other work of the process has its turn. */
const TURN = 5;
/** At most. */
const KEYS_BETWEEN_LOOKS = 64;
/** Milliseconds that one key, or one value, may take. */
const TIME_LIMIT = 250;

/** What a stretch of keys brought. */
export interface SearchStep {
  readonly hits: readonly KeyHit[];
  /** Keys that were looked at so far. */
  readonly scanned: number;
  /** Keys in the range, as far as is known. */
  readonly total: number;
}

interface Stretch {
  /** None is kept: it may be the same object each time. */
  readonly entries: { readonly length: number; at(index: number): SearchedEntry | undefined };
  readonly total: number;
}

/**
 * Looks at all keys where the matcher's can be, step by step and only as far as the caller goes on. All are as of one revision,
 * until that is compacted: from there on a newer one is read.
 * @throws EtcdError `pattern` where the regular expression takes too long
 */
export async function* searchKeys(
  store: KeyStore,
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
          if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
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
  store: KeyStore,
  range: KeyRange,
  values: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Stretch> {
  const options = { signal, levels: true };
  if (values) {
    for await (const { kvs, total } of store.scan(range, { ...options, values })) yield { entries: kvs, total };
    return;
  }
  for await (const { keys, total } of store.scanKeys(range, options)) {
    const row = new ListedKey(keys);
    yield { entries: { length: keys.length, at: (index) => row.moveTo(index) }, total };
  }
}

/** A key of a list at a time: what is not found leaves next to nothing behind. */
class ListedKey implements SearchedEntry {
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
 * Matches entries from one on for a turn, and adds what is found.
 * @returns where the next turn begins
 * @throws EtcdError `pattern` naming the key that takes too long
 */
function matchSome(entries: Stretch['entries'], from: number, matcher: KeyMatcher, hits: KeyHit[]): number {
  let at = from;
  const matchTurn = () => {
    const end = performance.now() + TURN;
    let looked = performance.now();
    // Looking at the clock takes as long as matching a short key: the less often, the faster the keys are.
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
  };
  // Where the time is over, the machine may have been busy with something else: the key has it once more.
  if (runWithin(TIME_LIMIT, matchTurn) || runWithin(TIME_LIMIT, matchTurn)) return at;
  throw new EtcdError(
    'pattern',
    l10n.t(
      'The regular expression takes too long on {0}: it has too many ways to match. Write it simpler.',
      keyText(entries.at(at)?.key ?? new Uint8Array()),
    ),
  );
}
