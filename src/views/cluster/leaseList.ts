import type { FoundLeases, LeaseFilter } from '../../etcd/findLeases.ts';
import type { Leases } from '../../etcd/keyStore.ts';

/** Leases that are shown at first, and that each further request adds. */
const LEASES_SHOWN = 100;

/** Which leases the view shows, and what was found of them, so that a further page begins where the last one ended. */
export class LeaseList {
  readonly filter: LeaseFilter;
  #most = LEASES_SHOWN;
  #found: FoundLeases | undefined;
  #reading = new AbortController();

  constructor(filter: LeaseFilter = {}) {
    this.filter = filter;
  }

  /** Adds a page to what `find` returns. */
  more(): void {
    this.#most += LEASES_SHOWN;
  }

  /** Ends reading, and makes `find` read everything again. */
  forget(): void {
    this.#reading.abort();
    this.#found = undefined;
  }

  /** Returns the leases of all pages. An earlier call ends. @returns undefined if this one was ended */
  async find(leases: Leases): Promise<FoundLeases | undefined> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      const { findLeases } = await import('../../etcd/findLeases.ts');
      const found = await findLeases(leases, this.filter, this.#most, { signal, before: this.#found });
      if (signal.aborted) return undefined;
      this.#found = found;
      return found;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }
}
