import { isAsExpected } from '../expectation.ts';
import type { Change, Expectation, KeyValue, Leases, Lifetime, TransactionResult } from '../keyStore.ts';
import { deleteOp, compareExpected, putOp, rangeOp, toKeyValue, WRITE, type RequestOp } from './operations.ts';
import { KV, type TxnResponse } from './rpc_pb.js';
import type { Session } from './session.ts';

/** Carries out all steps in one transaction, or none. See `KeyStore.transact`. @throws EtcdError */
export async function v3Transaction(
  session: Session,
  leases: Leases,
  changes: readonly Change[],
): Promise<TransactionResult> {
  const grants = new NewLeases(leases);
  const success: RequestOp[] = [];
  for (const change of changes) {
    if (change.kind === 'delete') success.push(deleteOp({ key: change.key, prevKv: true }));
    if (change.kind !== 'put') continue;
    const { key, value, expected, lifetime } = change;
    success.push(putOp({ key, value, prevKv: expected !== 'absent', ...(await grants.leaseOf(lifetime, expected)) }));
  }
  const compare = changes.map(({ key, expected }) => compareExpected(key, expected));
  const failure = changes.map(({ key }) => rangeOp({ key, keysOnly: true }));
  const answer = await session.call(KV.method.txn, { compare, success, failure }, WRITE);
  const revision = answer.header?.revision ?? 0n;
  if (answer.succeeded) return { outcome: 'done', revision, previous: previousOf(answer) };
  await grants.revoke();
  return { outcome: 'conflict', revision, conflicts: conflictsOf(changes, answer) };
}

/** The leases that a write needs for its times to live, one for each time. */
export class NewLeases {
  readonly #leases: Leases;
  readonly #granted = new Map<number, bigint>();

  constructor(leases: Leases) {
    this.#leases = leases;
  }

  /** The fields of a put that decide how long its key is to live. */
  async leaseOf(
    lifetime: Lifetime = 'keep',
    expected: Expectation,
  ): Promise<{ lease?: bigint; ignoreLease?: boolean }> {
    if (lifetime === 'keep') return { ignoreLease: expected !== 'absent' };
    if (lifetime === 'forever') return {};
    if ('lease' in lifetime) return lifetime;
    const { ttl } = lifetime;
    const lease = this.#granted.get(ttl) ?? (await this.#leases.grant(ttl));
    this.#granted.set(ttl, lease);
    return { lease };
  }

  /** After a write that was not carried out. */
  async revoke(): Promise<void> {
    for (const lease of this.#granted.values()) await this.#leases.revoke(lease);
  }
}

function previousOf({ responses }: TxnResponse): KeyValue[] {
  return responses.flatMap(({ response }) => {
    if (response.case === 'responsePut') return response.value.prevKv ? [toKeyValue(response.value.prevKv)] : [];
    return response.case === 'responseDeleteRange' ? response.value.prevKvs.map(toKeyValue) : [];
  });
}

function conflictsOf(changes: readonly Change[], { responses }: TxnResponse) {
  return changes.flatMap(({ key, expected }, index) => {
    const found = responses[index]?.response;
    const kv = found?.case === 'responseRange' ? found.value.kvs[0] : undefined;
    const current = kv && toKeyValue(kv);
    return isAsExpected(expected, current) ? [] : [{ key, ...(current && { current }) }];
  });
}
