import { KV, Lease } from '../../src/etcd/v3/transport/rpc_pb.js';
import type { Session } from '../../src/etcd/v3/session.ts';
import type { DemoEntry } from './entry.ts';

/** etcd's own limits for a transaction are 128 operations (`--max-txn-ops`) and 1.5 MiB (`--max-request-bytes`). */
const mostPuts = 128;
const mostBytes = 1_000_000;
/** Size of a put beside its key and value, rounded up. */
const bytesAround = 32;
const transactionsInFlight = 4;

const write = { repeatable: false, requireLeader: true };

interface Put {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly leaseSeconds: number;
  readonly endsWithLease: boolean;
}

/** Yields batches that fit into one transaction; a put that is larger goes alone. */
function* batches(puts: readonly Put[]): Generator<readonly Put[]> {
  let batch: Put[] = [];
  let bytes = 0;
  for (const put of puts) {
    const size = put.key.length + put.value.length + bytesAround;
    if (batch.length === mostPuts || (batch.length > 0 && bytes + size > mostBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(put);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}

/** Grants one lease for each distinct time; time 0 means no lease and has lease id 0. */
async function grantLeases(session: Session, puts: readonly Put[]): Promise<ReadonlyMap<number, bigint>> {
  const leases = new Map([[0, 0n]]);
  for (const { leaseSeconds } of puts) {
    if (leases.has(leaseSeconds)) continue;
    const { ID } = await session.call(Lease.method.leaseGrant, { TTL: BigInt(leaseSeconds) }, write);
    leases.set(leaseSeconds, ID);
  }
  return leases;
}

/**
 * Writes the entries, whose keys must differ, in several transactions at a time.
 * @param progress called after each transaction with the number of keys written so far, and of all
 * @throws EtcdError of the first transaction that fails; no further one begins then
 */
export async function seed(
  session: Session,
  entries: Iterable<DemoEntry>,
  progress: (written: number, total: number) => void,
): Promise<void> {
  const puts = Array.from(entries, ({ key, value, leaseSeconds = 0, endsWithLease = false }) => ({
    key: toBytes(key),
    value: toBytes(value),
    leaseSeconds,
    endsWithLease,
  }));
  const leases = await grantLeases(session, puts);
  const queue = batches(puts);
  let written = 0;

  async function writeBatches(): Promise<void> {
    // All workers share the queue; leaving the loop with an error closes it for the others too.
    for (const batch of queue) {
      const success = batch.map(({ key: name, value, leaseSeconds, endsWithLease }) => {
        const lease = leases.get(leaseSeconds) ?? 0n;
        const key = endsWithLease ? Buffer.concat([name, Buffer.from(lease.toString(16))]) : name;
        return { request: { case: 'requestPut' as const, value: { key, value, lease } } };
      });
      await session.call(KV.method.txn, { success }, write);
      written += batch.length;
      progress(written, puts.length);
    }
  }
  await Promise.all(Array.from({ length: transactionsInFlight }, writeBatches));
}
