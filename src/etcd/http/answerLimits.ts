import * as l10n from '@vscode/l10n';
import { bytesText } from '../countText.ts';
import { EtcdError } from '../errors.ts';

// See docs/contributing/decisions/limits-and-memory.md

/** Limit of an answer, and of a message of a watch: etcd's largest ones have some pages of values of 1.5 MB. */
export const MAX_ANSWER_BYTES = 128 * 1024 * 1024;
/** Limit of answers before anything is known about the server, and of a server's explanation of a failure. */
export const MAX_SHORT_ANSWER_BYTES = 1024 * 1024;
/** Bytes that an answer must bring within each time limit once it has begun, unless it ends. */
const MIN_BYTES_IN_TIME = 1024;

export interface AnswerLimits {
  /** Origin or URL of the answer. */
  readonly endpoint: string | URL;
  /** Milliseconds without progress, from the answer's beginning on. */
  readonly silence: number;
  readonly maxBytes?: number | undefined;
}

/** Watches over one answer while it arrives: its size, and silence after its beginning. */
export class AnswerGuard {
  readonly #limits: AnswerLimits;
  readonly #fail: (error: EtcdError) => void;
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #bytesInTime = 0;
  #isDone = false;

  /** @param fail ends the answer; called at most once */
  constructor(limits: AnswerLimits, fail: (error: EtcdError) => void) {
    this.#limits = limits;
    this.#fail = fail;
  }

  /** Call when the answer has begun, and with all bytes so far when more has arrived. */
  received(bytes: number): void {
    this.#bytes = bytes;
    const { endpoint, maxBytes = MAX_ANSWER_BYTES } = this.#limits;
    if (bytes > maxBytes) return this.#end(answerTooLarge(endpoint, maxBytes));
    if (this.#timer && bytes < this.#bytesInTime + MIN_BYTES_IN_TIME) return;
    this.#bytesInTime = bytes;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#late(), this.#limits.silence);
  }

  /** Call when the answer is complete, or nobody waits for it any more. */
  done(): void {
    clearTimeout(this.#timer);
    this.#isDone = true;
  }

  /** Handles the time limit. If this process was busy, it first reads what has arrived meanwhile. */
  #late(): void {
    const known = this.#bytesInTime;
    setImmediate(() => {
      if (!this.#isDone && this.#bytesInTime === known) this.#end(brokenOff(this.#limits, this.#bytes));
    });
  }

  #end(error: EtcdError): void {
    this.done();
    this.#fail(error);
  }
}

/**
 * Receives an answer within its limits.
 * @param receive requests the answer; it ends when the signal aborts, and reports the bytes so far, also when the
 * answer begins
 * @throws EtcdError `answerTooLarge`, or `timedOut` if the answer falls silent; whatever `receive` throws
 */
export async function guardedAnswer<T>(
  limits: AnswerLimits,
  receive: (signal: AbortSignal, received: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let failure: EtcdError | undefined;
  const over = new AbortController();
  const guard = new AnswerGuard(limits, (error) => {
    failure = error;
    over.abort();
  });
  try {
    return await receive(over.signal, (bytes) => guard.received(bytes));
  } catch (thrown) {
    throw failure ?? thrown;
  } finally {
    guard.done();
  }
}

/** Yields the chunks of an endpoint up to a size. @throws EtcdError `answerTooLarge` */
export async function* limitedChunks(
  chunks: AsyncIterable<Uint8Array>,
  endpoint: string | URL,
  maxBytes = MAX_ANSWER_BYTES,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw answerTooLarge(endpoint, maxBytes);
    yield chunk;
  }
}

export function answerTooLarge(endpoint: string | URL, maxBytes = MAX_ANSWER_BYTES): EtcdError {
  const megabytes = maxBytes / (1024 * 1024);
  return new EtcdError(
    'answerTooLarge',
    l10n.t(
      "The answer of {0} is larger than {1} MB and was not read any further. Check that the port is etcd's.",
      hostOf(endpoint),
      megabytes,
    ),
  );
}

function brokenOff({ endpoint, silence }: AnswerLimits, bytes: number): EtcdError {
  return new EtcdError(
    'timedOut',
    l10n.t(
      '{0} started to answer and then stalled: almost nothing arrived for {1} s after {2}. Check the network.',
      hostOf(endpoint),
      Math.round(silence / 1000),
      bytesText(bytes),
    ),
  );
}

function hostOf(endpoint: string | URL): string {
  return new URL(endpoint).host;
}
