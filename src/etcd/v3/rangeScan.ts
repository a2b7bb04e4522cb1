import { throwIfAborted } from '../cancelled.ts';
import { setImmediate } from 'node:timers/promises';
import { EtcdError } from '../errors.ts';
import { clippedSpans, toKeyRange, toSpan } from '../keys/spans.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import { FIRST_KEYS, scanPages } from '../scan/scanPages.ts';
import type { PageRequest } from '../scan/scanPath.ts';
import type { KeyPage, KeyRange, KeyValue, ReadOptions, ScanOptions, ScanPage } from '../keyStore.ts';
import { READ, withoutLease } from './operations.ts';
import { explainDenial } from './missingGrants.ts';
import { permittedRanges } from './permittedRanges.ts';
import type { RangeAnswer, RangeRows } from './transport/rangeRows.ts';
import type { Session } from './session.ts';

/** Keys decoded at a time, so that they become garbage soon. */
const DECODED_KEYS = 250;
/** Number of values requested first, because each may have 1.5 MB; later requests aim at a number of bytes. */
const FIRST_VALUES = 50;
const MAX_VALUES = 1000;
const BYTES_OF_VALUES = 4 * 1024 * 1024;
/** Pages of keys are this much smaller if values are read, because the keys wait for them. */
const SHARE_OF_KEYS = 1 / 8;

interface RowPage {
  readonly rows: RangeRows;
  readonly total: number;
  readonly revision: bigint;
}

/** Yields all keys of a range that the session's user may read, at one revision. See `KeyStore.scan`. */
export function rangeScan(session: Session, range: KeyRange, scanOptions: ScanOptions): AsyncGenerator<ScanPage> {
  return stopping(scanOptions, async function* (options) {
    const pages = scanOptions.values
      ? withValues(session, rowPages(session, range, options, session.pageBytes * SHARE_OF_KEYS), options)
      : rowPages(session, range, options, session.pageBytes);
    for await (const page of pages)
      for (const part of decoded(page, scanOptions.values ?? false)) {
        yield part;
        // Lets other work run before the next keys are decoded.
        await setImmediate();
        throwIfAborted(options.signal);
      }
  });
}

/** Yields only the keys, as `rangeScan` does. See `KeyStore.scanKeys`. */
export function keyScan(session: Session, range: KeyRange, readOptions: ReadOptions): AsyncGenerator<KeyPage> {
  return stopping(readOptions, async function* (options) {
    for await (const { rows, ...page } of rowPages(session, range, options, session.pageBytes))
      yield { ...page, keys: rows };
  });
}

/** Aborts requests under way when the caller stops. */
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

/** Yields pages of rows; the next ones are requested while one is processed. */
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

/** Yields the whole range or, if it may not be read, the parts that the user's roles grant. */
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
    if (readable === undefined) throw error;
    if (readable.length === 0) throw await explainDenial(session, { read: [range] }, error);
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

function* decoded({ rows, total, revision }: RowPage, values: boolean): Generator<ScanPage> {
  let start = 0;
  do {
    const end = Math.min(start + DECODED_KEYS, rows.length);
    const kvs: KeyValue[] = [];
    for (let at = start; at < end; at++) kvs.push(values ? rows.kv(at) : withoutLease(rows.kv(at)));
    yield { total, revision, kvs };
    start = end;
  } while (start < rows.length);
}

/**
 * Reads values between two known keys, where etcd counts nothing that is not returned. The next values are requested
 * while some are processed.
 */
async function* withValues(
  session: Session,
  pages: AsyncIterable<RowPage>,
  { signal }: ReadOptions,
): AsyncGenerator<RowPage> {
  let wanted = FIRST_VALUES;
  let pending: (Omit<RowPage, 'rows'> & { readonly answers: Promise<readonly RangeAnswer[]> }) | undefined;
  for await (const { rows, ...page } of pages) {
    for (let at = 0; at < rows.length;) {
      const before = pending;
      const answers = (await before?.answers) ?? [];
      for (const answer of answers) wanted = nextWanted(wanted, answer.rows.length, answer.bytes);
      const next = Math.min(at + wanted, rows.length);
      pending = { ...page, answers: valuesOf(session, rows, [at, next], { revision: page.revision, signal }) };
      // The error is thrown where the answer is awaited, unless the caller has stopped by then.
      pending.answers.catch(() => undefined);
      if (before) for (const answer of answers) yield { ...before, rows: answer.rows };
      at = next;
    }
  }
  if (pending) for (const { rows } of await pending.answers) yield { ...pending, rows };
}

/** Reads the values of keys from one up to another, in halves if one answer cannot have all. */
async function valuesOf(
  session: Session,
  keys: RangeRows,
  [start, end]: readonly [start: number, end: number],
  options: ReadOptions,
): Promise<readonly RangeAnswer[]> {
  const { revision = 0n, signal } = options;
  const request = { key: keys.key(start), rangeEnd: singleKeyRange(keys.key(end - 1)).end, revision };
  try {
    return [await session.range(request, { ...READ, signal })];
  } catch (error) {
    if (!EtcdError.is(error, 'answerTooLarge') || end - start < 2) throw error;
    const middle = Math.ceil((start + end) / 2);
    const first = await valuesOf(session, keys, [start, middle], options);
    return [...first, ...(await valuesOf(session, keys, [middle, end], options))];
  }
}

function nextWanted(wanted: number, keys: number, bytes: number): number {
  const fitting = Math.floor((keys * BYTES_OF_VALUES) / bytes);
  return Math.max(1, Math.min(fitting, wanted * 2, MAX_VALUES));
}
