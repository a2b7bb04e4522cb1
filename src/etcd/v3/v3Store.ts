import type {
  Capabilities,
  Change,
  ChildListing,
  DeleteOptions,
  DeleteResult,
  Expectation,
  KeyPage,
  KeyRange,
  KeySnapshot,
  KeyStore,
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
import { settleFailedDelete, settleFailedPut, settleFailedTransaction } from '../lostAnswers.ts';
import { sum } from '../sum.ts';
import { FolderHints, RoundTripPace, type ChildListingOptions } from '../keyspace/childListing.ts';
import { SLASHES, type Hierarchy } from '../keyspace/hierarchy.ts';
import {
  deleteOp,
  compareExpected,
  isUnchanged,
  putOp,
  rangeOp,
  READ,
  toKeyValue,
  toSnapshot,
  WRITE,
} from './operations.ts';
import { PermittedListing } from './permittedListing.ts';
import { rangeReader } from './rangeReader.ts';
import { readRanges } from './readRanges.ts';
import { keyScan, rangeScan } from './rangeScan.ts';
import { permittedRanges, type Access } from './permittedRanges.ts';
import { KV } from './rpc_pb.js';
import type { Session } from './session.ts';
import { V3Leases } from './v3Leases.ts';
import { v3Watch } from './v3Watch.ts';
import { NewLeases, v3Transaction } from './v3Transaction.ts';

/** A KeyStore over etcd's v3 API. */
export class V3Store implements KeyStore {
  readonly hierarchy: Hierarchy;
  readonly leases: V3Leases;
  readonly #session: Session;
  /** What the listings of this store have in common. */
  readonly #shared: Required<Pick<ChildListingOptions, 'hierarchy' | 'pace' | 'hints'>>;

  constructor(session: Session, hierarchy: Hierarchy = SLASHES) {
    this.#session = session;
    this.hierarchy = hierarchy;
    this.#shared = { hierarchy, pace: new RoundTripPace(), hints: new FolderHints() };
    this.leases = new V3Leases(session);
  }

  get capabilities(): Capabilities {
    return {
      writable: true,
      leases: true,
      emptyFolders: false,
      history: true,
      transactionSteps: this.#session.operations.most,
      following: this.#session.canWatch ? 'watch' : 'none',
      tellsEnd: this.#session.tellsEnd,
    };
  }

  permitted(access: Access, signal?: AbortSignal): Promise<readonly KeyRange[] | undefined> {
    return permittedRanges(this.#session, access, signal);
  }

  async get(key: Uint8Array, { revision = 0n, signal }: ReadOptions = {}): Promise<KeySnapshot> {
    return toSnapshot(await this.#session.call(KV.method.range, { key, revision }, { ...READ, signal }));
  }

  async getMany(keys: readonly Uint8Array[], { values = false, ...options }: ScanOptions = {}) {
    const ops = keys.map((key) => ({ key, keysOnly: !values }));
    const { results, revision } = await readRanges(this.#session, ops, options);
    return { revision, kvs: results.map(({ kvs: [kv] }) => kv && toKeyValue(kv)) };
  }

  async clusterId(signal?: AbortSignal): Promise<string> {
    const { header } = await this.#session.call(KV.method.txn, {}, { ...READ, signal });
    return (header?.clusterId ?? 0n).toString(16);
  }

  listChildren(prefix: Uint8Array, options: ListOptions = {}): ChildListing {
    const readable = (signal?: AbortSignal) => permittedRanges(this.#session, 'read', signal);
    return new PermittedListing(rangeReader(this.#session), prefix, { ...options, ...this.#shared }, readable);
  }

  scan(range: KeyRange, options: ScanOptions = {}): AsyncIterable<ScanPage> {
    return rangeScan(this.#session, range, options);
  }

  scanKeys(range: KeyRange, options: ScanOptions = {}): AsyncIterable<KeyPage> {
    return keyScan(this.#session, range, options);
  }

  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    const ops = ranges.map(({ start, end }) => ({ key: start, rangeEnd: end, countOnly: true }));
    const { results, revision } = await readRanges(this.#session, ops, { signal });
    return { keys: sum(results.map(({ count }) => Number(count))), revision };
  }

  async put(
    key: Uint8Array,
    value: Uint8Array,
    expected: Expectation,
    { lifetime, previous = false }: PutOptions = {},
  ): Promise<PutResult> {
    const grants = new NewLeases(this.leases);
    const put = putOp({ key, value, prevKv: previous, ...(await grants.leaseOf(lifetime, expected)) });
    try {
      const answer = await this.#session.call(
        KV.method.txn,
        { compare: [compareExpected(key, expected)], success: [put], failure: [rangeOp({ key })] },
        WRITE,
      );
      const revision = answer.header?.revision ?? 0n;
      const found = answer.responses[0]?.response;
      if (answer.succeeded) {
        const before = found?.case === 'responsePut' ? found.value.prevKv : undefined;
        return { outcome: 'written', modRevision: revision, ...(before && { previous: toKeyValue(before) }) };
      }
      await grants.revoke();
      const current = found?.case === 'responseRange' ? toSnapshot(found.value) : {};
      return { outcome: 'conflict', current: { ...current, revision } };
    } catch (error) {
      return await settleFailedPut(this, { key, value, expected }, error);
    }
  }

  async delete(
    ranges: readonly KeyRange[],
    { unchangedSince, previous = false }: DeleteOptions = {},
  ): Promise<DeleteResult> {
    const compare = unchangedSince === undefined ? [] : ranges.map((range) => isUnchanged(range, unchangedSince));
    const success = ranges.map(({ start, end }) => deleteOp({ key: start, rangeEnd: end, prevKv: previous }));
    try {
      const { header, succeeded, responses } = await this.#session.call(KV.method.txn, { compare, success }, WRITE);
      if (!succeeded) return { outcome: 'changed' };
      const answers = responses.flatMap(({ response }) =>
        response.case === 'responseDeleteRange' ? [response.value] : [],
      );
      return {
        outcome: 'deleted',
        keys: sum(answers.map(({ deleted }) => Number(deleted))),
        revision: header?.revision ?? 0n,
        ...(previous && { previous: answers.flatMap(({ prevKvs }) => prevKvs.map(toKeyValue)) }),
      };
    } catch (error) {
      this.#session.operations.learn(error, ranges.length);
      throw await settleFailedDelete(this, ranges, error);
    }
  }

  async transact(changes: readonly Change[]): Promise<TransactionResult> {
    try {
      return await v3Transaction(this.#session, this.leases, changes);
    } catch (error) {
      this.#session.operations.learn(error, changes.length);
      return await settleFailedTransaction(this, changes, error);
    }
  }

  watch(range: KeyRange, options: WatchOptions): AsyncIterable<WatchBatch> {
    return v3Watch(this.#session, range, options);
  }
}
