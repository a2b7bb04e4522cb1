import type { PutResult } from '../etcd/keyStore.ts';
import { addressId, type KeyAddress } from './keyUri.ts';

/** So many keys are remembered. */
const MOST_KEPT = 500;

/** Which changes of keys are this window's own saves: etcd may tell of one before its answer is here. */
export class OwnWrites {
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #written = new Map<string, bigint>();

  /** Takes note of a write and of what it makes. */
  async during(address: KeyAddress, write: Promise<PutResult>): Promise<PutResult> {
    const id = addressId(address);
    const settled = write.catch(() => undefined);
    this.#underWay.set(id, settled);
    try {
      const result = await write;
      if (result.outcome === 'written') this.#note(id, result.modRevision);
      return result;
    } finally {
      if (this.#underWay.get(id) === settled) this.#underWay.delete(id);
    }
  }

  /** The write of a key that is under way, until it has ended in whatever way. */
  underWay(address: KeyAddress): Promise<unknown> | undefined {
    return this.#underWay.get(addressId(address));
  }

  /** Whether this window made that revision of a key. */
  includes(address: KeyAddress, revision: bigint): boolean {
    return this.#written.get(addressId(address)) === revision;
  }

  #note(id: string, revision: bigint): void {
    this.#written.delete(id);
    this.#written.set(id, revision);
    for (const oldest of this.#written.keys()) if (this.#written.size > MOST_KEPT) this.#written.delete(oldest);
  }
}
