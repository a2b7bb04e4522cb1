import * as l10n from '@vscode/l10n';
import { keysText } from '../countText.ts';
import { EtcdError } from '../errors.ts';
import { isAsExpected } from '../writes/expectation.ts';
import { SLASHES } from '../keys/hierarchy.ts';
import { keyList } from '../keys/keyList.ts';
import { compareKeys, singleKeyRange } from '../keys/ranges.ts';
import type {
  Change,
  ChildListing,
  DeleteOptions,
  DeleteResult,
  Expectation,
  KeyPage,
  KeyRange,
  KeySnapshot,
  KeyStore,
  KeyValue,
  Lifetime,
  ListOptions,
  PutOptions,
  PutResult,
  ReadOptions,
  ScanOptions,
  ScanPage,
  TransactionResult,
  WatchBatch,
  WatchOptions,
} from '../keyStore.ts';
import { settleByLooking, settleFailedDelete, settleFailedPut } from '../writes/lostAnswers.ts';
import { sum } from '../sum.ts';
import type { V2Answer, V2Client, V2Node } from './v2Client.ts';
import { directoryError, ERROR } from './v2Errors.ts';
import { toKeyValue } from './v2KeyValue.ts';
import { v2Levels } from './v2Levels.ts';
import { V2Listing } from './v2Listing.ts';
import { directoryPath, keyPath, targetOf, type V2Target } from './v2Paths.ts';
import { v2Watch } from './v2Watch.ts';

/** Codes that mean "does not exist", including "the parent is a key". */
const NOTHING_THERE = [ERROR.keyNotFound, ERROR.notADirectory];

/** What a target contains at present. */
interface Census {
  readonly target: V2Target;
  readonly exists: boolean;
  readonly keys: number;
  readonly kvs: readonly KeyValue[];
  /** Newest index of the keys and directories in it. */
  readonly newest: bigint;
  readonly revision: bigint;
}

/**
 * A KeyStore for etcd's v2 keys API. Keys and values are text; bytes of a value that are not UTF-8 reach every reader
 * of v2's JSON as U+FFFD. A hidden key (its name begins with `_`) is not listed or counted, but can be read and
 * written.
 */
export class V2Store implements KeyStore {
  readonly capabilities = {
    writable: true,
    leases: false,
    emptyFolders: true,
    history: false,
    transactionSteps: 1,
    following: 'longPoll',
    tellsEnd: false,
  } as const;
  readonly hierarchy = SLASHES;
  readonly #client: V2Client;

  constructor(client: V2Client) {
    this.#client = client;
  }

  problemOf(key: Uint8Array, value?: Uint8Array): string | undefined {
    try {
      keyPath(key);
      if (value) toText(value);
      return undefined;
    } catch (error) {
      if (EtcdError.is(error, 'unsupported')) return error.message;
      throw error;
    }
  }

  /** Reads a key. A directory is not a key: its snapshot has no `kv`. */
  async get(key: Uint8Array, { revision, signal }: ReadOptions = {}): Promise<KeySnapshot> {
    if (revision !== undefined) throw noHistory();
    const { node, index } = await this.#read(keyPath(key), { signal });
    return { revision: index, ...(node && !node.isDirectory && { kv: toKeyValue(key, node) }) };
  }

  /** Sends one request per key. */
  async getMany(keys: readonly Uint8Array[], options: ScanOptions = {}) {
    const kvs: (KeyValue | undefined)[] = [];
    let revision: bigint | undefined;
    for (const key of keys) {
      const snapshot = await this.get(key, options);
      revision ??= snapshot.revision;
      kvs.push(snapshot.kv);
    }
    return { revision: revision ?? 0n, kvs };
  }

  async clusterId(signal?: AbortSignal, within?: number): Promise<string> {
    return `v2:${await this.#client.clusterId(signal, within)}`;
  }

  listChildren(prefix: Uint8Array, options: ListOptions = {}): ChildListing {
    if (options.revision !== undefined) throw noHistory();
    return new V2Listing(this.#client, prefix, options);
  }

  /**
   * Scans a range. v2 has no pages: without `levels`, a directory arrives as a whole, with its values, so memory has no
   * bound.
   */
  async *scan(range: KeyRange, { revision, signal, levels }: ScanOptions = {}): AsyncGenerator<ScanPage> {
    if (revision !== undefined) throw noHistory();
    if (levels) return yield* v2Levels(this.#client, range, signal);
    const { path, kind } = targetOf(range);
    const { node, index } = await this.#read(path, { recursive: kind === 'directory', signal });
    const encoder = new TextEncoder();
    const keys = node ? [...withDescendants(node)].filter(({ isDirectory }) => !isDirectory) : [];
    const kvs = keys.map((each) => toKeyValue(encoder.encode(each.key), each));
    yield { kvs: kvs.toSorted((a, b) => compareKeys(a.key, b.key)), total: kvs.length, revision: index };
  }

  async *scanKeys(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyPage> {
    for await (const { kvs, ...page } of this.scan(range, options))
      yield { ...page, keys: keyList(kvs.map(({ key }) => key)) };
  }

  /** Counts by reading each directory as a whole, with its values, because v2 cannot count; memory has no bound. */
  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    const found = await this.#takeCensus(ranges, signal);
    return { keys: sum(found.map(({ keys }) => keys)), revision: found[0]?.revision ?? 0n };
  }

  async put(
    key: Uint8Array,
    value: Uint8Array,
    expectation: Expectation,
    { lifetime = 'keep', previous = false }: PutOptions = {},
  ): Promise<PutResult> {
    const path = keyPath(key);
    const text = toText(value);
    // As in v3, a key at revision 0 is absent; to v2, `prevIndex=0` would be no condition at all.
    const expected = expectation !== 'absent' && expectation.modRevision === 0n ? 'absent' : expectation;
    const current = expected === 'absent' ? undefined : await this.#currentKey(key, path);
    if (expected !== 'absent' && current?.kv?.modRevision !== expected.modRevision)
      return { outcome: 'conflict', current: current ?? { revision: 0n } };
    // A put without `ttl` ends the time to live, and etcd refuses `refresh=true` with a value. So the remaining time is
    // set again. It was read at exactly this index, so the key lives longer only by the time of two requests and less
    // than a second of rounding.
    const ttl = wantedTtl(lifetime, current?.kv?.ttl);
    const parameters = {
      value: text,
      ...(expected === 'absent' ? { prevExist: 'false' } : { prevIndex: String(expected.modRevision) }),
      ...(ttl !== undefined && { ttl: String(Math.max(ttl, 1)) }),
    };
    let answer: V2Answer;
    try {
      const conflicts = [ERROR.keyNotFound, ERROR.compareFailed, ERROR.alreadyExists];
      answer = await this.#client.call({ method: 'PUT', path, parameters, expected: conflicts });
    } catch (error) {
      const settled = await settleFailedPut(this, { key, value, expected, lifetime }, error);
      const before = previous && settled.outcome === 'written' ? current?.kv : undefined;
      return { ...settled, ...(before && { previous: before }) };
    }
    if (answer.node)
      return {
        outcome: 'written',
        modRevision: answer.node.modifiedIndex,
        ...(previous && current?.kv && { previous: current.kv }),
      };
    return { outcome: 'conflict', current: await this.#currentKey(key, path) };
  }

  /**
   * Deletes ranges. v2 has neither transactions nor a comparison for directories: changes since `unchangedSince` are
   * searched for in all ranges before the first delete. etcd compares each single key again, but a directory may change
   * in between. A directory is deleted with the hidden keys in it, which no listing shows.
   */
  async delete(
    ranges: readonly KeyRange[],
    { unchangedSince, previous = false }: DeleteOptions = {},
  ): Promise<DeleteResult> {
    const found = await this.#takeCensus(ranges);
    if (unchangedSince !== undefined && found.some(({ newest }) => newest > unchangedSince))
      return { outcome: 'changed' };
    let keys = 0;
    let revision = found[0]?.revision ?? 0n;
    try {
      for (const census of found.filter(({ exists }) => exists)) {
        const answer = await this.#deleteTarget(census, unchangedSince !== undefined);
        if (answer.node) {
          keys += census.keys;
          revision = answer.node.modifiedIndex;
        } else if (answer.refusal.errorCode === ERROR.compareFailed) {
          if (keys === 0) return { outcome: 'changed' };
          throw new EtcdError(
            'unexpected',
            l10n.t('{0} was changed in the meantime.', decodeURIComponent(census.target.path)),
            { notCarriedOut: true },
          );
        }
      }
    } catch (error) {
      const before = { keys: sum(found.map((census) => census.keys)), revision: 0n };
      const kvs = previous && { previous: found.flatMap((census) => census.kvs) };
      return await settleFailedDelete(this, ranges, error, () => Promise.resolve({ ...before, ...kvs })).catch(
        (failure: unknown) => {
          throw stoppedAfter(keys, failure);
        },
      );
    }
    return { outcome: 'deleted', keys, revision, ...(previous && { previous: found.flatMap(({ kvs }) => kvs) }) };
  }

  /** Carries out one step; v2 has no transactions for more. */
  async transact(changes: readonly Change[]): Promise<TransactionResult> {
    const [change] = changes;
    if (!change || changes.length > 1) throw new RangeError('A transaction of v2 has one step.');
    const { key, expected } = change;
    if (change.kind === 'put') {
      const options = { previous: true, ...(change.lifetime && { lifetime: change.lifetime }) };
      const result = await this.put(key, change.value, expected, options);
      if (result.outcome === 'conflict') return conflict(key, result.current);
      return { outcome: 'done', revision: result.modRevision, previous: result.previous ? [result.previous] : [] };
    }
    const now = await this.get(key);
    if (change.kind === 'check' || now.kv?.modRevision !== change.expected.modRevision)
      return isAsExpected(expected, now.kv)
        ? { outcome: 'done', revision: now.revision, previous: [] }
        : conflict(key, now);
    const result = await this.delete([singleKeyRange(key)], { unchangedSince: change.expected.modRevision });
    if (result.outcome === 'changed') return conflict(key, await this.get(key));
    return { outcome: 'done', revision: result.revision, previous: [now.kv] };
  }

  watch(range: KeyRange, options: WatchOptions): AsyncIterable<WatchBatch> {
    return v2Watch(this.#client, range, options);
  }

  async createDirectory(prefix: Uint8Array, ttl?: number): Promise<void> {
    const path = directoryPath(prefix);
    const parameters = { dir: 'true', prevExist: 'false', ...(ttl !== undefined && { ttl: String(ttl) }) };
    try {
      await this.#client.call({ method: 'PUT', path, parameters, expected: [] });
    } catch (error) {
      await settleByLooking(error, async () => (await this.#read(path, {})).node?.isDirectory === true);
    }
  }

  async removeEmptyDirectories(prefix: Uint8Array): Promise<void> {
    const { node } = await this.#read(directoryPath(prefix), { recursive: true });
    const directories = node ? [...withDescendants(node)].filter(({ isDirectory }) => isDirectory) : [];
    for (const { key } of directories.toReversed()) {
      if (key === '') continue;
      const path = directoryPath(new TextEncoder().encode(`${key}/`));
      const expected = [...NOTHING_THERE, ERROR.directoryNotEmpty];
      await this.#client.call({ method: 'DELETE', path, parameters: { dir: 'true' }, expected });
    }
  }

  #read(path: string, { recursive = false, signal }: { recursive?: boolean; signal?: AbortSignal | undefined }) {
    const parameters = { quorum: 'true', ...(recursive && { recursive: 'true' }) };
    return this.#client.call({ method: 'GET', path, parameters, expected: NOTHING_THERE, signal });
  }

  /** @throws EtcdError if a directory is in the key's place, which no write can replace */
  async #currentKey(key: Uint8Array, path: string): Promise<KeySnapshot> {
    const { node, index } = await this.#read(path, {});
    if (node?.isDirectory) throw directoryError(node.key);
    return { revision: index, ...(node && { kv: toKeyValue(key, node) }) };
  }

  async #takeCensus(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<Census[]> {
    const found: Census[] = [];
    for (const target of ranges.map(targetOf)) {
      const { node, index: revision } = await this.#read(target.path, {
        recursive: target.kind === 'directory',
        signal,
      });
      const exists = node !== undefined && node.isDirectory === (target.kind === 'directory');
      const nodes = exists ? [...withDescendants(node)] : [];
      const keys = nodes.filter(({ isDirectory }) => !isDirectory);
      const kvs = keys.map((each) => toKeyValue(new TextEncoder().encode(each.key), each));
      const newest = nodes.reduce((most, { modifiedIndex }) => (modifiedIndex > most ? modifiedIndex : most), 0n);
      found.push({ target, exists, keys: kvs.length, kvs, newest, revision });
    }
    return found;
  }

  #deleteTarget({ target, newest }: Census, compare: boolean): Promise<V2Answer> {
    const { kind, path } = target;
    const parameters =
      kind === 'directory' ? { recursive: 'true' } : compare ? { prevIndex: String(newest) } : undefined;
    const expected = [ERROR.keyNotFound, ERROR.compareFailed];
    return this.#client.call({ method: 'DELETE', path, parameters: parameters ?? {}, expected });
  }
}

function noHistory(): EtcdError {
  return new EtcdError('unsupported', l10n.t("etcd's v2 API cannot read keys as they were earlier."));
}

function conflict(key: Uint8Array, { revision, kv }: KeySnapshot): TransactionResult {
  return { outcome: 'conflict', revision, conflicts: [{ key, ...(kv && { current: kv }) }] };
}

/** @throws EtcdError for a lease, which v2 does not have */
function wantedTtl(lifetime: Lifetime, now: number | undefined): number | undefined {
  if (lifetime === 'keep') return now;
  if (lifetime === 'forever') return undefined;
  if ('ttl' in lifetime) return lifetime.ttl;
  throw new EtcdError('unsupported', l10n.t("etcd's v2 API has no leases: give the key a time to live in seconds."));
}

function toText(value: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    const message = l10n.t("etcd's v2 API stores only text, and this value is not UTF-8 text. Nothing was changed.");
    throw new EtcdError('unsupported', message, { cause });
  }
}

function* withDescendants(node: V2Node): Generator<V2Node> {
  yield node;
  for (const child of node.nodes) yield* withDescendants(child);
}

function stoppedAfter(keys: number, error: unknown): unknown {
  if (!EtcdError.is(error) || keys === 0) return error;
  const message = l10n.t('Only {0} deleted before this happened: {1}', keysText(keys), error.message);
  return new EtcdError(error.kind, message, { cause: error });
}
