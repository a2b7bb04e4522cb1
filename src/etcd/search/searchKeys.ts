import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keyspace/keyText.ts';
import { singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyStore, KeyValue } from '../keyStore.ts';
import type { KeyMatcher } from './keyMatcher.ts';
import type { KeyHit } from './keyQuery.ts';
import { runWithin } from './timeLimit.ts';

/** So many keys are matched before other work of the process has its turn: a few milliseconds. */
const KEYS_AT_A_TIME = 2000;
/** Milliseconds that the matching of those may take, or that of one key or value where it takes longer. */
const TIME_LIMIT = 250;

/** What a stretch of keys brought. */
export interface SearchStep {
  readonly hits: readonly KeyHit[];
  /** Keys that were looked at so far. */
  readonly scanned: number;
  /** Keys in the range, as far as is known. */
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
    const before = scanned;
    try {
      for await (const { kvs, total } of store.scan({ start, end: range.end }, { values, signal, levels: true })) {
        for (let at = 0; at < kvs.length; at += KEYS_AT_A_TIME) {
          if (at > 0) await setImmediate();
          if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
          const some = kvs.slice(at, at + KEYS_AT_A_TIME);
          scanned += some.length;
          yield { hits: matchAll(some, matcher), scanned, total: before + total };
        }
        const last = kvs.at(-1);
        if (last) start = singleKeyRange(last.key).end;
      }
      return;
    } catch (error) {
      if (!EtcdError.is(error, 'compacted') || scanned === before) throw error;
    }
  }
}

/** @throws EtcdError `pattern` naming the key that takes too long */
function matchAll(kvs: readonly KeyValue[], matcher: KeyMatcher): KeyHit[] {
  let hits: KeyHit[] = [];
  const isDone = runWithin(TIME_LIMIT, () => {
    hits = kvs.flatMap((kv) => matcher.match(kv) ?? []);
  });
  if (isDone) return hits;
  // The machine may have been busy with something else: each key has its own time now.
  return kvs.flatMap((kv) => {
    let hit: KeyHit | undefined;
    if (runWithin(TIME_LIMIT, () => (hit = matcher.match(kv)))) return hit ?? [];
    throw new EtcdError(
      'pattern',
      l10n.t(
        'The regular expression takes too long on {0}: it has too many ways to match. Write it simpler.',
        keyText(kv.key),
      ),
    );
  });
}
