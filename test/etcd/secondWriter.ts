import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError } from '../../src/etcd/errors.ts';
import type { KeyStore } from '../../src/etcd/keyStore.ts';
import type { Random } from '../unit/listing/random.ts';
import { bytes, text } from './connecting.ts';
import { eventually } from './eventually.ts';

/** A value that this writer sent without learning what became of it. */
interface Unheard {
  readonly key: string;
  readonly value: string;
}

/**
 * Another client that writes the same keys at random times, as a colleague or a controller does, while a test moves,
 * imports or undoes them and kills servers. Each write is guarded, so only code that ignores the guard can lose it.
 */
export class SecondWriter {
  readonly #store: KeyStore;
  readonly #keys: readonly string[];
  readonly #random: Random;
  readonly #written = new Map<string, string>();
  readonly #unheard: Unheard[] = [];
  readonly #running: Promise<void>;
  #count = 0;
  #isStopped = false;

  /** Starts writing. @param keys names to choose from */
  constructor(store: KeyStore, keys: readonly string[], random: Random) {
    this.#store = store;
    this.#keys = keys;
    this.#random = random;
    this.#running = this.#run();
  }

  /** Stops, and finds out what became of writes whose answers were lost; its server must be up again. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    for (const { key, value } of this.#unheard) if ((await this.#read(key)) === value) this.#written.set(key, value);
  }

  /** The latest written value of each key. */
  get written(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#written);
  }

  /** @throws AssertionError if a value that it wrote last is neither at its key nor where that was moved to */
  async check(valueOf: (key: string) => Promise<readonly (string | undefined)[]>): Promise<void> {
    for (const [key, value] of this.#written) {
      const found = await valueOf(key);
      assert.ok(found.includes(value), `of ${key}, somebody else's ${value} is lost: ${found.join(', ')}`);
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const key = this.#keys[this.#random.below(this.#keys.length)] ?? '';
      await this.#write(key, `theirs ${++this.#count}`);
      await delay(this.#random.below(4));
    }
  }

  async #write(key: string, value: string): Promise<void> {
    let isSent = false;
    try {
      const { kv } = await this.#store.get(bytes(key));
      isSent = true;
      const { outcome } = await this.#store.put(bytes(key), bytes(value), kv ?? 'absent');
      if (outcome === 'written') this.#written.set(key, value);
    } catch (error) {
      // The server is dead for a while.
      assert.ok(EtcdError.is(error), String(error));
      if (isSent && !error.notCarriedOut) this.#unheard.push({ key, value });
    }
  }

  async #read(key: string): Promise<string | undefined> {
    return text((await eventually(() => this.#store.get(bytes(key)))).kv?.value);
  }
}
