import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ChildListing,
  DeleteOptions,
  DeleteResult,
  Expectation,
  KeyRange,
  KeySnapshot,
  KeyStore,
  KeyValue,
  ListOptions,
  PutResult,
} from '../keyStore.ts';
import { settleFailedDelete, settleFailedPut } from '../lostAnswers.ts';
import { RoundTripPace } from '../keyspace/childListing.ts';
import { PermittedListing } from './permittedListing.ts';
import { rangeReader } from './rangeReader.ts';
import { readableRanges } from './readableRanges.ts';
import {
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
  KV,
  Lease,
  type CompareSchema,
  type KeyValue as WireKeyValue,
  type RangeResponse,
  type RequestOpSchema,
} from './rpc_pb.js';
import type { Session } from './session.ts';

type Compare = MessageInitShape<typeof CompareSchema>;
type RequestOp = MessageInitShape<typeof RequestOpSchema>;

const READ = { repeatable: true, requireLeader: true };
const WRITE = { repeatable: false, requireLeader: true };

/** A KeyStore over etcd's v3 API. */
export class V3Store implements KeyStore {
  readonly capabilities = { leases: true, emptyFolders: false };
  readonly #session: Session;
  readonly #pace = new RoundTripPace();

  constructor(session: Session) {
    this.#session = session;
  }

  async get(key: Uint8Array, signal?: AbortSignal): Promise<KeySnapshot> {
    return snapshot(await this.#session.call(KV.method.range, { key }, { ...READ, signal }));
  }

  listChildren(prefix: Uint8Array, options: ListOptions = {}): ChildListing {
    const readable = (signal?: AbortSignal) => readableRanges(this.#session, signal);
    return new PermittedListing(rangeReader(this.#session), prefix, { ...options, pace: this.#pace }, readable);
  }

  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    const success = ranges.map(({ start, end }) => requestRange({ key: start, rangeEnd: end, countOnly: true }));
    const { header, responses } = await this.#session.call(KV.method.txn, { success }, { ...READ, signal });
    const counts = responses.map(({ response }) =>
      response.case === 'responseRange' ? Number(response.value.count) : 0,
    );
    return { keys: sum(counts), revision: header?.revision ?? 0n };
  }

  async put(key: Uint8Array, value: Uint8Array, expected: Expectation): Promise<PutResult> {
    const compare = [isAsExpected(key, expected)];
    const put: RequestOp = {
      request: { case: 'requestPut', value: { key, value, ignoreLease: expected !== 'absent' } },
    };
    try {
      const answer = await this.#session.call(
        KV.method.txn,
        { compare, success: [put], failure: [requestRange({ key })] },
        WRITE,
      );
      const revision = answer.header?.revision ?? 0n;
      if (answer.succeeded) return { outcome: 'written', modRevision: revision };
      const [found] = answer.responses;
      if (found?.response.case !== 'responseRange') return { outcome: 'conflict', current: { revision } };
      return { outcome: 'conflict', current: { ...snapshot(found.response.value), revision } };
    } catch (error) {
      return await settleFailedPut(this, { key, value, expected }, error);
    }
  }

  async delete(ranges: readonly KeyRange[], { unchangedSince }: DeleteOptions = {}): Promise<DeleteResult> {
    const compare = unchangedSince === undefined ? [] : ranges.map((range) => isUnchanged(range, unchangedSince));
    const success = ranges.map(({ start, end }): RequestOp => ({
      request: { case: 'requestDeleteRange', value: { key: start, rangeEnd: end } },
    }));
    try {
      const { header, succeeded, responses } = await this.#session.call(KV.method.txn, { compare, success }, WRITE);
      if (!succeeded) return { outcome: 'changed' };
      const deleted = responses.map(({ response }) =>
        response.case === 'responseDeleteRange' ? Number(response.value.deleted) : 0,
      );
      return { outcome: 'deleted', keys: sum(deleted), revision: header?.revision ?? 0n };
    } catch (error) {
      throw await settleFailedDelete(this, ranges, error);
    }
  }

  async leaseTimeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined> {
    const { TTL } = await this.#session.call(Lease.method.leaseTimeToLive, { ID: lease }, { ...READ, signal });
    return TTL < 0n ? undefined : Number(TTL);
  }
}

function requestRange(value: Extract<RequestOp['request'], { case?: 'requestRange' }>['value']): RequestOp {
  return { request: { case: 'requestRange', value } };
}

function isAsExpected(key: Uint8Array, expected: Expectation): Compare {
  return expected === 'absent'
    ? {
        key,
        target: CompareTarget.CREATE,
        result: CompareResult.EQUAL,
        targetUnion: { case: 'createRevision', value: 0n },
      }
    : {
        key,
        target: CompareTarget.MOD,
        result: CompareResult.EQUAL,
        targetUnion: { case: 'modRevision', value: expected.modRevision },
      };
}

function isUnchanged({ start, end }: KeyRange, since: bigint): Compare {
  return {
    key: start,
    rangeEnd: end,
    target: CompareTarget.MOD,
    result: CompareResult.LESS,
    targetUnion: { case: 'modRevision', value: since + 1n },
  };
}

function snapshot({ header, kvs: [kv] }: RangeResponse): KeySnapshot {
  return { revision: header?.revision ?? 0n, ...(kv && { kv: keyValue(kv) }) };
}

function keyValue({ key, value, createRevision, modRevision, version, lease }: WireKeyValue): KeyValue {
  return { key, value, createRevision, modRevision, version, lease };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
