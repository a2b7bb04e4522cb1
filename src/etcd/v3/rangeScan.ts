import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { clippedSpans, toKeyRange, toSpan } from '../keyspace/listing/folderSpace.ts';
import { singleKeyRange } from '../keyspace/ranges.ts';
import { FIRST_KEYS, scanPages } from '../keyspace/scanPages.ts';
import type { PageRequest } from '../keyspace/scanPath.ts';
import type { KeyPage, KeyRange, ReadOptions, ScanOptions, ScanPage } from '../keyStore.ts';
import { READ, toKeyValue } from './operations.ts';
import { permittedRanges } from './permittedRanges.ts';
import type { RangeAnswer, RangeRows } from './rangeRows.ts';
import type { Session } from './session.ts';

/** So many keys are decoded at a time, so that they are soon forgotten. */
const DECODED_KEYS = 250;
/** Values may be up to 1.5 MB each: so many are asked for at first, and then as many as make up the wanted bytes. */
const FIRST_VALUES = 50;
const MOST_VALUES = 1000;
const BYTES_OF_VALUES = 4 * 1024 * 1024;
/** Where values are read, keys wait for them: so much smaller are their pages. */
const SHARE_OF_KEYS = 1 / 8;

interface RowPage {
  readonly rows: RangeRows;
  readonly total: number;
  readonly revision: bigint;
}

/** All keys of a range that the session's user may read, at one revision. See `KeyStore.scan`. */
export function rangeScan(session: Session, range: KeyRange, scanOptions: ScanOptions): AsyncGenerator<ScanPage> {
  return stopping(scanOptions, async function* (options) {
    const pages = scanOptions.values
      ? withValues(session, rowPages(session, range, options, session.pageBytes * SHARE_OF_KEYS), options)
      : rowPages(session, range, options, session.pageBytes);
    for await (const page of pages)
      for (const part of decoded(page)) {
        yield part;
        // Others have their turn before the next keys are decoded.
        await setImmediate();
        if (options.signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
      }
  });
}

/** As `rangeScan`, of the keys alone. See `KeyStore.scanKeys`. */
export function keyScan(session: Session, range: KeyRange, readOptions: ReadOptions): AsyncGenerator<KeyPage> {
  return stopping(readOptions, async function* (options) {
    for await (const { rows, ...page } of rowPages(session, range, options, session.pageBytes))
      yield { ...page, keys: rows };
  });
}

/** Where its caller stops, what is under way is aborted. */
async function* stopping<Page>(
  options: ReadOptions,
  pages: (options: ReadOptions) => AsyncGenerator<Page>,
): AsyncGenerator<Page> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    yield* pages({ ...options, signal });
  } finally {
    stop.abort();
  }
}

/** While a page is looked at, the next ones are on their way. */
async function* rowPages(
  session: Session,
  range: KeyRange,
  { revision, signal }: ReadOptions,
  pageBytes: number,
): AsyncGenerator<RowPage> {
  let total = 0;
  for await (const part of permittedParts(session, range, { revision, signal })) {
    let { firstAnswer } = part;
    let isFirst = true;
    const ask = (request: PageRequest) => {
      const answer = firstAnswer ?? requestRows(session, request, { revision, signal });
      firstAnswer = undefined;
      return answer;
    };
    for await (const answer of scanPages(part.range, { pageBytes, ask, pageOf })) {
      revision ??= answer.revision;
      if (isFirst) total += answer.count;
      isFirst = false;
      yield { rows: answer.rows, total, revision };
    }
  }
}

/** The whole range, or where that may not be read the parts of it that the user's roles grant. */
async function* permittedParts(
  session: Session,
  range: KeyRange,
  options: ReadOptions,
): AsyncGenerator<{ readonly range: KeyRange; readonly firstAnswer?: Promise<RangeAnswer> }> {
  const firstAnswer = requestRows(session, { range, limit: FIRST_KEYS }, options);
  try {
    await firstAnswer;
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    const readable = await permittedRanges(session, 'read', options.signal);
    if (readable === undefined || readable.length === 0) throw error;
    for (const span of clippedSpans(readable.map(toSpan), toSpan(range))) yield { range: toKeyRange(span) };
    return;
  }
  yield { range, firstAnswer };
}

function requestRows(
  session: Session,
  { range, limit }: PageRequest,
  { revision, signal }: ReadOptions,
): Promise<RangeAnswer> {
  const request = {
    key: range.start,
    rangeEnd: range.end,
    revision: revision ?? 0n,
    limit: BigInt(limit),
    keysOnly: true,
  };
  return session.range(request, { ...READ, signal });
}

function pageOf({ rows, count, bytes }: RangeAnswer) {
  const [first, last] = rows.length > 0 ? [rows.key(0), rows.key(rows.length - 1)] : [];
  return { keys: rows.length, count, first, last, bytes };
}

function* decoded({ rows, total, revision }: RowPage): Generator<ScanPage> {
  let start = 0;
  do {
    const length = Math.min(DECODED_KEYS, rows.length - start);
    yield { total, revision, kvs: Array.from({ length }, (_, index) => toKeyValue(rows.kv(start + index))) };
    start += length;
  } while (start < rows.length);
}

/** Between two known keys etcd counts nothing that is not returned. The next values are on their way while some are looked at. */
async function* withValues(
  session: Session,
  pages: AsyncIterable<RowPage>,
  { signal }: ReadOptions,
): AsyncGenerator<RowPage> {
  let wanted = FIRST_VALUES;
  let pending: (Omit<RowPage, 'rows'> & { readonly answer: Promise<RangeAnswer> }) | undefined;
  for await (const { rows, ...page } of pages) {
    for (let at = 0; at < rows.length;) {
      const before = pending;
      const answer = await before?.answer;
      if (answer) wanted = nextWanted(wanted, answer.rows.length, answer.bytes);
      const next = Math.min(at + wanted, rows.length);
      const request = { key: rows.key(at), rangeEnd: singleKeyRange(rows.key(next - 1)).end, revision: page.revision };
      pending = { ...page, answer: session.range(request, { ...READ, signal }) };
      // It fails when it is awaited, unless the caller has stopped by then.
      pending.answer.catch(() => undefined);
      if (before && answer) yield { ...before, rows: answer.rows };
      at = next;
    }
  }
  if (pending) yield { ...pending, rows: (await pending.answer).rows };
}

function nextWanted(wanted: number, keys: number, bytes: number): number {
  const fitting = Math.floor((keys * BYTES_OF_VALUES) / bytes);
  return Math.max(1, Math.min(fitting, wanted * 2, MOST_VALUES));
}
