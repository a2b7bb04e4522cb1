import { EtcdError } from '../errors.ts';
import type { Expectation, Leases, Lifetime } from '../keyStore.ts';

/** The leases that a write needs for its times to live, one for each time. */
export class NewLeases {
  readonly #leases: Leases;
  readonly #granted = new Map<number, bigint>();

  constructor(leases: Leases) {
    this.#leases = leases;
  }

  /** Resolves a lifetime; for a time to live, grants a lease. @throws EtcdError, with nothing of the write sent */
  async leased(lifetime: Lifetime = 'keep'): Promise<Exclude<Lifetime, { readonly ttl: number }>> {
    if (typeof lifetime === 'string' || 'lease' in lifetime) return lifetime;
    const { ttl } = lifetime;
    const known = this.#granted.get(ttl);
    if (known !== undefined) return { lease: known };
    const lease = await this.#leases.grant(ttl).catch((error: unknown) => {
      throw EtcdError.notCarriedOut(error);
    });
    this.#granted.set(ttl, lease);
    return { lease };
  }

  /** Revokes the leases after a write that was not carried out. A lease that cannot be revoked ends by itself. */
  async revoke(): Promise<void> {
    for (const lease of this.#granted.values()) await this.#leases.revoke(lease).catch(() => undefined);
  }

  /** Revokes the leases if a write failed and certainly was not carried out. @throws the failure */
  readonly revokeAfter = async (failure: unknown): Promise<never> => {
    if (EtcdError.is(failure) && failure.notCarriedOut) await this.revoke();
    throw failure;
  };
}

/** Returns the fields of a put that decide how long its key lives. */
export function leaseFields(
  lifetime: Lifetime = 'keep',
  expected: Expectation,
): { readonly lease?: bigint; readonly ignoreLease?: boolean } {
  if (lifetime === 'keep') return { ignoreLease: expected !== 'absent' };
  return typeof lifetime === 'object' && 'lease' in lifetime ? { lease: lifetime.lease } : {};
}
