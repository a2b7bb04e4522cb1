import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import type { Connection } from '../connection.ts';

/** Pause between two requests, and time limit of an answer, in milliseconds: together less than 5 s. */
const PAUSE = 1500;
const PATIENCE = 3000;

/**
 * Keeps the state of a connection correct while its keys are visible, because a watch alone cannot distinguish a silent
 * etcd from a quiet one.
 */
export class Pulse {
  readonly #connection: Connection;
  readonly #answersAgain: () => void;
  #beating: { readonly store: KeyStore; readonly abort: AbortController } | undefined;

  /** @param answersAgain called when etcd answers after a silence: earlier requests may hang on a lost connection */
  constructor(connection: Connection, answersAgain: () => void) {
    this.#connection = connection;
    this.#answersAgain = answersAgain;
  }

  start(store: KeyStore): void {
    if (this.#beating?.store === store || !store.clusterId) return;
    this.stop();
    const beating = { store, abort: new AbortController() };
    this.#beating = beating;
    void this.#beat(store, beating.abort.signal);
  }

  stop(): void {
    this.#beating?.abort.abort();
    this.#beating = undefined;
  }

  async #beat(store: KeyStore, stopped: AbortSignal): Promise<void> {
    let wasSilent = false;
    for (;;) {
      await pause(PAUSE, stopped);
      if (stopped.aborted) return;
      try {
        await store.clusterId?.(stopped, PATIENCE);
        if (stopped.aborted) return;
        this.#connection.noteOutcome();
        if (wasSilent) this.#answersAgain();
        wasSilent = false;
      } catch (error) {
        if (!EtcdError.is(error)) throw error;
        if (stopped.aborted) return;
        this.#connection.noteOutcome(error);
        wasSilent = true;
      }
    }
  }
}

/** Waits; ends early if the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = () => {
    clearTimeout(timer);
    resolve();
  };
  signal.addEventListener('abort', end, { once: true });
  await promise.finally(() => signal.removeEventListener('abort', end));
}
