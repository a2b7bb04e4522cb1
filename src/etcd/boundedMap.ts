// See docs/contributing/decisions/limits-and-memory.md

export interface MapLimits<K, V> {
  /** Limit of the number of entries. */
  readonly entries: number;
  /** Limit of the bytes of all values together, as counted by `bytesOf`; a larger value stays alone. */
  readonly bytes?: number;
  readonly bytesOf?: (value: V) => number;
  /** Returns entries that stay despite the limits; called only when there are too many. */
  readonly inUse?: () => { has(key: K): boolean };
}

/** A map that drops the entries set longest ago, so that what is stored by key or address does not grow without end. */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #limits: MapLimits<K, V>;
  #bytes = 0;

  constructor(limits: MapLimits<K, V>, entries: Iterable<readonly [K, V]> = []) {
    super();
    this.#limits = limits;
    for (const [key, value] of entries) this.set(key, value);
  }

  /** Bytes of all values together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sets an entry, which becomes the latest. */
  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    this.#bytes += this.#bytesOf(value);
    if (this.#isOver) this.#forgetOldest(key);
    return this;
  }

  override delete(key: K): boolean {
    const value = this.get(key);
    if (value !== undefined) this.#bytes -= this.#bytesOf(value);
    return super.delete(key);
  }

  override clear(): void {
    super.clear();
    this.#bytes = 0;
  }

  get #isOver(): boolean {
    const { entries, bytes = Number.POSITIVE_INFINITY } = this.#limits;
    return this.size > entries || this.#bytes > bytes;
  }

  #forgetOldest(latest: K): void {
    const inUse = this.#limits.inUse?.();
    for (const key of this.keys()) {
      if (!this.#isOver || key === latest) return;
      if (!inUse?.has(key)) this.delete(key);
    }
  }

  #bytesOf(value: V): number {
    return this.#limits.bytesOf?.(value) ?? 0;
  }
}
