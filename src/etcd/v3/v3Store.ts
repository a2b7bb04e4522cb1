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
  KeyValue,
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
import { settleFailedDelete, settleFailedPut } from '../writes/lostAnswers.ts';
import { ownedKeyValue } from '../keys/owned.ts';
import { sum } from '../sum.ts';
import { FolderHints, RoundTripPace, type ChildListingOptions } from '../listing/childListing.ts';
import { SLASHES, type Hierarchy } from '../keys/hierarchy.ts';
import {
  deleteOp,
  compareExpected,
  isUnchanged,
  putOp,
  rangeOp,
  READ,
  toKeyValue,
  toSnapshot,
  withoutLease,
  WRITE,
} from './operations.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import { explainingDenial, type Needs } from './missingGrants.ts';
import { PermittedListing } from './permittedListing.ts';
import { listingReader } from './listingReader.ts';
import { readRanges } from './readRanges.ts';
import { keyScan, rangeScan } from './rangeScan.ts';
import { permittedRanges, type RangeAccess } from './permittedRanges.ts';
import { KV, Maintenance, type KeyValue as WireKeyValue } from './transport/rpc_pb.js';
import type { Session } from './session.ts';
import { V3Leases } from './v3Leases.ts';
import { v3Watch } from './v3Watch.ts';
import { leaseFields, NewLeases } from './newLeases.ts';
import { v3Transaction } from './v3Transaction.ts';

/** A KeyStore for etcd's v3 API. */
export class V3Store implements KeyStore {
  readonly hierarchy: Hierarchy;
  readonly leases: V3Leases;
  readonly #session: Session;
  /** What all listings of this store share. */
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

  permitted(access: RangeAccess, signal?: AbortSignal): Promise<readonly KeyRange[] | undefined> {
    return permittedRanges(this.#session, access, signal);
  }

  async get(key: Uint8Array, { revision = 0n, signal }: ReadOptions = {}): Promise<KeySnapshot> {
    return await this.#explained({ read: [singleKeyRange(key)] }, async () =>
      toSnapshot(await this.#session.call(KV.method.range, { key, revision }, { ...READ, signal })),
    );
  }

  async getMany(keys: readonly Uint8Array[], { values = false, ...options }: ScanOptions = {}) {
    const ops = keys.map((key) => ({ key, keysOnly: !values }));
    const { results, revision } = await this.#explained({ read: keys.map(singleKeyRange) }, () =>
      readRanges(this.#session, ops, options),
    );
    return { revision, kvs: results.map(({ kvs: [kv] }) => kv && read(kv, values)) };
  }

  async clusterId(signal?: AbortSignal, within?: number): Promise<string> {
    const { header } = await this.#session.call(KV.method.txn, {}, { ...READ, signal, within });
    return (header?.clusterId ?? 0n).toString(16);
  }

  async contentHash(revision: bigint, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    const { hash, compactRevision } = await this.#session.call(
      Maintenance.method.hashKV,
      { revision },
      { ...READ, signal },
    );
    return { hash, compacted: compactRevision };
  }

  listChildren(prefix: Uint8Array, options: ListOptions = {}): ChildListing {
    const readable = (signal?: AbortSignal) => permittedRanges(this.#session, 'read', signal);
    return new PermittedListing(listingReader(this.#session), prefix, { ...options, ...this.#shared }, readable);
  }

  scan(range: KeyRange, options: ScanOptions = {}): AsyncIterable<ScanPage> {
    return rangeScan(this.#session, range, options);
  }

  scanKeys(range: KeyRange, options: ScanOptions = {}): AsyncIterable<KeyPage> {
    return keyScan(this.#session, range, options);
  }

  async firstKeys(
    range: KeyRange,
    most: number,
    { values = false, revision = 0n, signal }: ScanOptions = {},
  ): Promise<{ kvs: KeyValue[] }> {
    const request = { key: range.start, rangeEnd: range.end, limit: BigInt(most), keysOnly: !values, revision };
    const { rows } = await this.#explained({ read: [range] }, () => this.#session.range(request, { ...READ, signal }));
    const kvs: KeyValue[] = [];
    for (let at = 0; at < rows.length; at++) {
      const kv = ownedKeyValue(rows.kv(at));
      kvs.push(values ? kv : withoutLease(kv));
    }
    return { kvs };
  }

  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    const ops = ranges.map(({ start, end }) => ({ key: start, rangeEnd: end, countOnly: true }));
    const { results, revision } = await this.#explained({ read: ranges }, () =>
      readRanges(this.#session, ops, { signal }),
    );
    return { keys: sum(results.map(({ count }) => Number(count))), revision };
  }

  async put(key: Uint8Array, value: Uint8Array, expected: Expectation, options: PutOptions = {}): Promise<PutResult> {
    const ranges = [singleKeyRange(key)];
    // The comparison with what is expected reads the key.
    return await this.#explained({ read: ranges, write: ranges }, () => this.#put(key, value, expected, options));
  }

  async #put(
    key: Uint8Array,
    value: Uint8Array,
    expected: Expectation,
    { lifetime, previous = false }: PutOptions,
  ): Promise<PutResult> {
    const grants = new NewLeases(this.leases);
    const sent = await grants.leased(lifetime);
    const put = putOp({ key, value, prevKv: previous, ...leaseFields(sent, expected) });
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
      return await settleFailedPut(this, { key, value, expected, lifetime: sent, previous }, error).catch(
        grants.revokeAfter,
      );
    }
  }

  async delete(ranges: readonly KeyRange[], options: DeleteOptions = {}): Promise<DeleteResult> {
    const isRead = options.unchangedSince !== undefined || options.previous;
    const needs = { write: ranges, ...(isRead && { read: ranges }) };
    return await this.#explained(needs, () => this.#delete(ranges, options));
  }

  async #delete(
    ranges: readonly KeyRange[],
    { unchangedSince, previous = false }: DeleteOptions,
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
        ...(previous && { previous: answers.flatMap(({ prevKvs }) => prevKvs.map((kv) => toKeyValue(kv))) }),
      };
    } catch (error) {
      this.#session.operations.learn(error, ranges.length);
      return await settleFailedDelete(this, ranges, error, () => this.#before(ranges, unchangedSince, previous));
    }
  }

  async transact(changes: readonly Change[]): Promise<TransactionResult> {
    const written = changes.filter(({ kind }) => kind !== 'check');
    const needs = {
      read: changes.map(({ key }) => singleKeyRange(key)),
      write: written.map(({ key }) => singleKeyRange(key)),
    };
    try {
      return await this.#explained(needs, () => v3Transaction(this.#session, this, changes));
    } catch (error) {
      this.#session.operations.learn(error, changes.length);
      throw error;
    }
  }

  /** Returns what a delete has deleted: read at the revision before it, since when nothing was written. */
  async #before(ranges: readonly KeyRange[], revision: bigint | undefined, wanted: boolean) {
    if (revision === undefined) return wanted ? undefined : { revision: 0n };
    const previous: KeyValue[] = [];
    for (const range of ranges)
      for await (const { kvs } of this.scan(range, { revision, values: wanted })) previous.push(...kvs);
    return { keys: previous.length, revision: 0n, ...(wanted && { previous }) };
  }

  #explained<T>(needs: Needs, run: () => Promise<T>): Promise<T> {
    return explainingDenial(this.#session, () => needs, run);
  }

  watch(range: KeyRange, options: WatchOptions): AsyncIterable<WatchBatch> {
    return v3Watch(this.#session, range, options);
  }
}

/** An answer without values may name no leases. */
function read(kv: WireKeyValue, values: boolean): KeyValue {
  return values ? toKeyValue(kv) : withoutLease(toKeyValue(kv));
}
