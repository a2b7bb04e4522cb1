import { ownedKeyValue } from '../keys/owned.ts';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Expectation, KeyRange, KeySnapshot, KeyValue } from '../keyStore.ts';
import {
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
  type CompareSchema,
  type DeleteRangeRequestSchema,
  type KeyValue as WireKeyValue,
  type PutRequestSchema,
  type RangeRequestSchema,
  type RangeResponse,
  type RequestOpSchema,
} from './transport/rpc_pb.js';

export type Compare = MessageInitShape<typeof CompareSchema>;
export type RequestOp = MessageInitShape<typeof RequestOpSchema>;

/** How reads and writes are called: a write is never repeated if its fate is unknown. */
export const READ = { repeatable: true, requireLeader: true };
export const WRITE = { repeatable: false, requireLeader: true };

export function rangeOp(value: MessageInitShape<typeof RangeRequestSchema>): RequestOp {
  return { request: { case: 'requestRange', value } };
}

export function putOp(value: MessageInitShape<typeof PutRequestSchema>): RequestOp {
  return { request: { case: 'requestPut', value } };
}

export function deleteOp(value: MessageInitShape<typeof DeleteRangeRequestSchema>): RequestOp {
  return { request: { case: 'requestDeleteRange', value } };
}

export function compareExpected(key: Uint8Array, expected: Expectation): Compare {
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

export function isUnchanged({ start, end }: KeyRange, since: bigint): Compare {
  return {
    key: start,
    rangeEnd: end,
    target: CompareTarget.MOD,
    result: CompareResult.LESS,
    targetUnion: { case: 'modRevision', value: since + 1n },
  };
}

export function toSnapshot({ header, kvs: [kv] }: RangeResponse): KeySnapshot {
  return { revision: header?.revision ?? 0n, ...(kv && { kv: toKeyValue(kv) }) };
}

/** Copies a key and its value into memory of their own. @param key a copy of the key, if there is one already */
export function toKeyValue(kv: WireKeyValue, key?: Uint8Array): KeyValue {
  return ownedKeyValue(sharedKeyValue(kv), key);
}

/** Removes the lease from an answer without values, in which etcd 3.7 always reports that there is no lease. */
export function withoutLease({ lease: _lease, ...kv }: KeyValue): KeyValue {
  return kv;
}

/** Converts without copying: the result keeps the whole answer in memory. */
export function sharedKeyValue({ key, value, createRevision, modRevision, version, lease }: WireKeyValue): KeyValue {
  return { key, value, createRevision, modRevision, version, lease };
}
