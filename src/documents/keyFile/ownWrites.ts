import { BoundedMap } from '../../etcd/boundedMap.ts';
import type { PutResult } from '../../etcd/keyStore.ts';
import { addressId, type KeyAddress } from '../addresses/keyUri.ts';

const MAX_KEYS = 500;

/**
 * Remembers which changes of keys are this window's own saves, because etcd may report one before it answers the save.
 */
export class OwnWrites {
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #written = new BoundedMap<string, bigint>({ entries: MAX_KEYS });

  readonly #failed: (address: KeyAddress, error: unknown) => void;

  /** @param failed called for each write that fails */
  constructor(failed: (address: KeyAddress, error: unknown) => void = () => undefined) {
    this.#failed = failed;
  }

  /** Records a write and its revision. */
  async during(address: KeyAddress, write: Promise<PutResult>): Promise<PutResult> {
    const id = addressId(address);
    const settled = write.catch(() => undefined);
    this.#underWay.set(id, settled);
    try {
      const result = await write;
      if (result.outcome === 'written') this.#written.set(id, result.modRevision);
      return result;
    } catch (error) {
      this.#failed(address, error);
      throw error;
    } finally {
      if (this.#underWay.get(id) === settled) this.#underWay.delete(id);
    }
  }

  /** Returns the write of a key that is under way; it settles when the write ends in any way. */
  underWay(address: KeyAddress): Promise<unknown> | undefined {
    return this.#underWay.get(addressId(address));
  }

  /** Whether this window wrote that revision of a key. */
  includes(address: KeyAddress, revision: bigint): boolean {
    return this.#written.get(addressId(address)) === revision;
  }
}
