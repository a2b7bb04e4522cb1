import { EtcdError } from '../errors.ts';
import { settleByLooking } from '../writes/lostAnswers.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import type { KeyRange, LeaseInfo, Leases } from '../keyStore.ts';
import { explainingDenial } from './missingGrants.ts';
import { READ, WRITE } from './operations.ts';
import { Lease } from './transport/rpc_pb.js';
import type { Session } from './session.ts';

/** The leases of an etcd, through its v3 API. */
export class V3Leases implements Leases {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async grant(ttl: number): Promise<bigint> {
    const { ID } = await this.#session.call(Lease.method.leaseGrant, { TTL: BigInt(Math.ceil(ttl)) }, WRITE);
    return ID;
  }

  async revoke(lease: bigint): Promise<void> {
    try {
      await explainingDenial(
        this.#session,
        async () => ({ write: await this.#rangesOf(lease) }),
        () => this.#session.call(Lease.method.leaseRevoke, { ID: lease }, WRITE),
      );
    } catch (error) {
      if (EtcdError.is(error, 'notFound')) return;
      await settleByLooking(error, async () => (await this.timeToLive(lease)) === undefined);
    }
  }

  async keepAlive(lease: bigint, signal?: AbortSignal): Promise<number | undefined> {
    const { TTL } = await this.#session.call(Lease.method.leaseKeepAlive, { ID: lease }, { ...READ, signal });
    return TTL > 0n ? Number(TTL) : undefined;
  }

  async timeToLive(lease: bigint, signal?: AbortSignal): Promise<number | undefined> {
    const { TTL } = await this.#session.call(Lease.method.leaseTimeToLive, { ID: lease }, { ...READ, signal });
    return TTL < 0n ? undefined : Number(TTL);
  }

  async info(lease: bigint, signal?: AbortSignal): Promise<LeaseInfo | undefined> {
    const request = { ID: lease, keys: true };
    const { TTL, grantedTTL, keys } = await this.#session.call(Lease.method.leaseTimeToLive, request, {
      ...READ,
      signal,
    });
    return TTL < 0n ? undefined : { id: lease, ttl: Number(TTL), grantedTtl: Number(grantedTTL), keys };
  }

  /** Returns what is deleted with a lease; nothing if the user may not know it. */
  async #rangesOf(lease: bigint): Promise<KeyRange[]> {
    const info = await this.info(lease).catch(unlessEtcdError);
    return info?.keys.map(singleKeyRange) ?? [];
  }

  async list(signal?: AbortSignal): Promise<readonly bigint[]> {
    const { leases } = await this.#session.call(Lease.method.leaseLeases, {}, { ...READ, signal });
    return leases.map(({ ID }) => ID);
  }
}

function unlessEtcdError(error: unknown): undefined {
  if (!EtcdError.is(error)) throw error;
}
