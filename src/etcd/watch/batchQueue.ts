import type { KeyEvent, WatchBatch } from '../keyStore.ts';

/** Limits of what may wait in memory; further events stay with the server. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Batches between the connection that delivers them and the iteration that consumes them; waiting ones are merged. */
export class BatchQueue {
  #waiting: WatchBatch[] = [];
  #events = 0;
  #bytes = 0;
  #ended: { readonly error?: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  /** True if nothing more may be pushed until `drained`. */
  get isFull(): boolean {
    return this.#events >= MAX_EVENTS || this.#bytes >= MAX_BYTES;
  }

  push(batch: WatchBatch): void {
    this.#waiting.push(batch);
    this.#events += batch.events.length;
    for (const event of batch.events) this.#bytes += bytesOf(event);
    this.#change();
  }

  /** Ends the queue. What waits is still returned; then the error is thrown, if there is one. */
  end(error?: unknown): void {
    this.#ended ??= { error };
    this.#change();
  }

  /** Returns everything that waits as one batch; undefined at the end. */
  async take(): Promise<WatchBatch | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#ended) {
        if (this.#ended.error !== undefined) throw this.#ended.error;
        return undefined;
      }
      await this.#changed.promise;
    }
    const batches = this.#waiting;
    this.#waiting = [];
    this.#events = 0;
    this.#bytes = 0;
    this.#change();
    const [first] = batches;
    if (batches.length === 1) return first;
    const { revision = 0n, answered } = batches.at(-1) ?? {};
    const events = batches.flatMap((batch) => batch.events);
    return { revision, events, ...(answered !== undefined && { answered }) };
  }

  /** Resolves once nothing waits, or the queue has ended. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#ended) await this.#changed.promise;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Returns the bytes of an event's key and values. */
export function bytesOf(event: KeyEvent): number {
  if (event.kind === 'folder') return event.prefix.length;
  const now = event.kind === 'put' ? event.kv.key.length + event.kv.value.length : event.key.length;
  return now + (event.previous?.value.length ?? 0);
}
