import { setImmediate } from 'node:timers/promises';
import { EtcdError } from '../errors.ts';
import { clippedSpans, toKeyRange, toSpan } from '../keyspace/listing/folderSpace.ts';
import { singleKeyRange } from '../keyspace/ranges.ts';
import { FIRST_KEYS, scanPages } from '../keyspace/scanPages.ts';
import type { PageRequest } from '../keyspace/scanPath.ts';
import type { KeyPage, KeyRange, KeyValue, ReadOptions, ScanOptions, ScanPage } from '../keyStore.ts';
import { READ, toKeyValue } from './operations.ts';
import { permittedRanges } from './permittedRanges.ts';
import type { RangeAnswer, RangeRows } from './rangeRows.ts';
import { KV } from './rpc_pb.js';
import type { Session } from './session.ts';

/** So many keys are decoded at a time, so that they are soon forgotten. */
const DECODED_KEYS = 1000;
/** Values may be up to 1.5 MB each: so many are asked for at first, and then as many as make up the wanted bytes. */
const FIRST_VALUES = 50;
const MOST_VALUES = 1000;
const BYTES_OF_VALUES = 4 * 1024 * 1024;

interface RowPage {
  readonly rows: RangeRows;
  readonly total: number;
  readonly revision: bigint;
}

/** All keys of a range that the session's user may read, at one revision. See `KeyStore.scan`. */
export async function* rangeScan(session: Session, range: KeyRange, options: ScanOptions): AsyncGenerator<ScanPage> {
  const pages = rowPages(session, range, options);
  if (options.values) return yield* withValues(session, pages, options.signal);
  for await (const page of pages)
    for (const part of decoded(page)) {
      yield part;
      // Others have their turn before the next keys are decoded.
      await setImmediate();
    }
}

/** As `rangeScan`, of the keys alone. See `KeyStore.scanKeys`. */
export async function* keyScan(session: Session, range: KeyRange, options: ReadOptions): AsyncGenerator<KeyPage> {
  for await (const { rows, total, revision } of rowPages(session, range, options))
    yield { keys: rows, total, revision };
}

/** While a page is looked at, the next ones are on their way. */
async function* rowPages(session: Session, range: KeyRange, options: ReadOptions): AsyncGenerator<RowPage> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  let { revision } = options;
  let total = 0;
  try {
    for await (const part of permittedParts(session, range, { revision, signal })) {
      let { firstAnswer } = part;
      let isFirst = true;
      const ask = (request: PageRequest) => {
        const answer = firstAnswer ?? requestRows(session, request, { revision, signal });
        firstAnswer = undefined;
        return answer;
      };
      for await (const answer of scanPages(part.range, { pageBytes: session.pageBytes, ask, pageOf })) {
        revision ??= answer.revision;
        if (isFirst) total += answer.count;
        isFirst = false;
        yield { rows: answer.rows, total, revision };
      }
    }
  } finally {
    stop.abort();
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

function* decoded({ rows, ...page }: RowPage): Generator<ScanPage> {
  let start = 0;
  do {
    const length = Math.min(DECODED_KEYS, rows.length - start);
    yield { ...page, kvs: Array.from({ length }, (_, index) => toKeyValue(rows.kv(start + index))) };
    start += length;
  } while (start < rows.length);
}

/** Between two known keys etcd counts nothing that is not returned. */
async function* withValues(
  session: Session,
  pages: AsyncIterable<RowPage>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScanPage> {
  let wanted = FIRST_VALUES;
  for await (const { rows, total, revision } of pages) {
    for (let at = 0; at < rows.length;) {
      const next = Math.min(at + wanted, rows.length);
      const request = { key: rows.key(at), rangeEnd: singleKeyRange(rows.key(next - 1)).end, revision };
      const answer = await session.call(KV.method.range, request, { ...READ, signal });
      const kvs = answer.kvs.map(toKeyValue);
      yield { kvs, total, revision };
      at = next;
      wanted = nextWanted(wanted, kvs);
    }
  }
}

function nextWanted(wanted: number, kvs: readonly KeyValue[]): number {
  const bytes = kvs.reduce((sum, { value }) => sum + value.length, 1);
  const fitting = Math.floor((kvs.length * BYTES_OF_VALUES) / bytes);
  return Math.max(1, Math.min(fitting, wanted * 2, MOST_VALUES));
}
