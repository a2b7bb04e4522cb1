import { EtcdError } from '../errors.ts';
import { clippedSpans, toKeyRange, toSpan } from '../keyspace/listing/folderSpace.ts';
import { singleKeyRange } from '../keyspace/ranges.ts';
import type { KeyRange, KeyValue, ScanOptions, ScanPage } from '../keyStore.ts';
import { READ, toKeyValue } from './operations.ts';
import { permittedRanges } from './permittedRanges.ts';
import { KV, type RangeResponse } from './rpc_pb.js';
import type { Session } from './session.ts';

/** The first page is there soon. */
const FIRST_KEYS = 20_000;
/** Each page makes etcd count what is left of the range, which costs as much as returning a twentieth of it. */
const KEYS_PER_PAGE = 40_000;
/** Values may be up to 1.5 MB each: so many are asked for at first, and then as many as make up the wanted bytes. */
const FIRST_VALUES = 50;
const MOST_VALUES = 1000;
const BYTES_OF_VALUES = 4 * 1024 * 1024;

/** All keys of a range that the session's user may read, at one revision. See `KeyStore.scan`. */
export async function* rangeScan(session: Session, range: KeyRange, options: ScanOptions): AsyncGenerator<ScanPage> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    const pages = keyPages(session, range, { ...options, signal });
    yield* options.values ? withValues(session, pages, signal) : pages;
  } finally {
    stop.abort();
  }
}

async function* keyPages(session: Session, range: KeyRange, options: ScanOptions): AsyncGenerator<ScanPage> {
  let { revision } = options;
  let total = 0;
  for await (const { part, firstAnswer } of permittedParts(session, range, options)) {
    let answer = firstAnswer ?? requestKeys(session, part, FIRST_KEYS, revision, options);
    for (let isFirst = true; ; isFirst = false) {
      const { kvs, count, header } = await answer;
      revision ??= header?.revision ?? 0n;
      if (isFirst) total += Number(count);
      const last = kvs.at(-1);
      const isLast = last === undefined || Number(count) <= kvs.length;
      if (!isLast) {
        const rest = { start: singleKeyRange(last.key).end, end: part.end };
        answer = requestKeys(session, rest, KEYS_PER_PAGE, revision, options);
        // It fails when it is awaited, unless the caller has stopped by then.
        answer.catch(() => undefined);
      }
      yield { kvs: kvs.map(toKeyValue), total, revision };
      if (isLast) break;
    }
  }
}

/** The whole range, or where that may not be read the parts of it that the user's roles grant. */
async function* permittedParts(
  session: Session,
  range: KeyRange,
  options: ScanOptions,
): AsyncGenerator<{ readonly part: KeyRange; readonly firstAnswer?: Promise<RangeResponse> }> {
  const firstAnswer = requestKeys(session, range, FIRST_KEYS, options.revision, options);
  try {
    await firstAnswer;
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    const readable = await permittedRanges(session, 'read', options.signal ?? undefined);
    if (readable === undefined || readable.length === 0) throw error;
    for (const span of clippedSpans(readable.map(toSpan), toSpan(range))) yield { part: toKeyRange(span) };
    return;
  }
  yield { part: range, firstAnswer };
}

function requestKeys(
  session: Session,
  { start, end }: KeyRange,
  limit: number,
  revision: bigint | undefined,
  { signal }: ScanOptions,
): Promise<RangeResponse> {
  const request = { key: start, rangeEnd: end, revision: revision ?? 0n, limit: BigInt(limit), keysOnly: true };
  return session.call(KV.method.range, request, { ...READ, signal });
}

/** Between two known keys etcd counts nothing that is not returned. */
async function* withValues(
  session: Session,
  pages: AsyncIterable<ScanPage>,
  signal: AbortSignal,
): AsyncGenerator<ScanPage> {
  let wanted = FIRST_VALUES;
  for await (const { kvs: keys, total, revision } of pages) {
    for (let at = 0; at < keys.length;) {
      const chunk = keys.slice(at, at + wanted);
      const [first, last] = [chunk[0], chunk.at(-1)];
      if (!first || !last) break;
      const request = { key: first.key, rangeEnd: singleKeyRange(last.key).end, revision };
      const answer = await session.call(KV.method.range, request, { ...READ, signal });
      const kvs = answer.kvs.map(toKeyValue);
      yield { kvs, total, revision };
      at += chunk.length;
      wanted = nextWanted(wanted, kvs);
    }
  }
}

function nextWanted(wanted: number, kvs: readonly KeyValue[]): number {
  const bytes = kvs.reduce((sum, { value }) => sum + value.length, 1);
  const fitting = Math.floor((kvs.length * BYTES_OF_VALUES) / bytes);
  return Math.max(1, Math.min(fitting, wanted * 2, MOST_VALUES));
}
