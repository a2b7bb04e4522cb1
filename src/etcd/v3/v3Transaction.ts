import { isAsExpected } from '../writes/expectation.ts';
import { settleFailedTransaction } from '../writes/lostAnswers.ts';
import type { Change, KeyStore, KeyValue, Leases, TransactionResult } from '../keyStore.ts';
import { leaseFields, NewLeases } from './newLeases.ts';
import {
  deleteOp,
  compareExpected,
  putOp,
  rangeOp,
  toKeyValue,
  withoutLease,
  WRITE,
  type RequestOp,
} from './operations.ts';
import { KV, type TxnResponse } from './transport/rpc_pb.js';
import type { Session } from './session.ts';

/** Carries out all steps in one transaction, or none. See `KeyStore.transact`. @throws EtcdError */
export async function v3Transaction(
  session: Session,
  store: Pick<KeyStore, 'get' | 'capabilities'> & { readonly leases: Leases },
  changes: readonly Change[],
): Promise<TransactionResult> {
  const grants = new NewLeases(store.leases);
  const sent: Change[] = [];
  for (const change of changes)
    sent.push(change.kind === 'put' ? { ...change, lifetime: await grants.leased(change.lifetime) } : change);
  const success = sent.flatMap(toOperation);
  const compare = sent.map(({ key, expected }) => compareExpected(key, expected));
  const failure = sent.map(({ key }) => rangeOp({ key, keysOnly: true }));
  let answer: TxnResponse;
  try {
    answer = await session.call(KV.method.txn, { compare, success, failure }, WRITE);
  } catch (error) {
    return await settleFailedTransaction(store, sent, error).catch(grants.revokeAfter);
  }
  const revision = answer.header?.revision ?? 0n;
  if (answer.succeeded) return { outcome: 'done', revision, previous: previousOf(answer) };
  await grants.revoke();
  return { outcome: 'conflict', revision, conflicts: conflictsOf(changes, answer) };
}

function toOperation(change: Change): RequestOp[] {
  if (change.kind === 'check') return [];
  if (change.kind === 'delete') return [deleteOp({ key: change.key, prevKv: true })];
  const { key, value, expected, lifetime } = change;
  return [putOp({ key, value, prevKv: expected !== 'absent', ...leaseFields(lifetime, expected) })];
}

function previousOf({ responses }: TxnResponse): KeyValue[] {
  return responses.flatMap(({ response }) => {
    if (response.case === 'responsePut') return response.value.prevKv ? [toKeyValue(response.value.prevKv)] : [];
    return response.case === 'responseDeleteRange' ? response.value.prevKvs.map((kv) => toKeyValue(kv)) : [];
  });
}

function conflictsOf(changes: readonly Change[], { responses }: TxnResponse) {
  return changes.flatMap(({ key, expected }, index) => {
    const found = responses[index]?.response;
    const kv = found?.case === 'responseRange' ? found.value.kvs[0] : undefined;
    const current = kv && withoutLease(toKeyValue(kv));
    return isAsExpected(expected, current) ? [] : [{ key, ...(current && { current }) }];
  });
}
