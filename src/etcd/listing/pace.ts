import type { RangeResults } from './rangeReader.ts';

export interface PaceSettings {
  /** Requests under way at a time. */
  readonly parallel: number;
  /** Gaps with up to this many keys are read whole rather than split. */
  readonly smallGap: number;
  /** Each part should have about this many keys; a larger gap gets another part. */
  readonly keysPerPart: number;
  /**
   * A gap from which this many keys are read gets a request of its own, so that the member reads it while the extension
   * processes the one before.
   */
  readonly keysToReadAlone: number;
  /** Keys that the first request of a listing asks for. */
  readonly firstLimit: number;
}

/** How a listing trades requests for bytes, and the measurement that decides it. */
export interface Pace {
  readonly settings: PaceSettings;
  /** Starts timing a request; call the returned function with the answer. */
  start(): (answer: RangeResults) => void;
}

const NEAR: PaceSettings = { parallel: 2, smallGap: 128, keysPerPart: 1500, keysToReadAlone: 4500, firstLimit: 300 };
/** For members so far away that a round trip costs more than some thousand keys: fewer and larger requests. */
const FAR: PaceSettings = { parallel: 8, smallGap: 500, keysPerPart: 400, keysToReadAlone: Infinity, firstLimit: 1000 };
const FAR_MILLISECONDS = 20;
const REMEMBERED_ANSWERS = 32;

/** Milliseconds that a member spends on an answer: for each range, each key returned, and each key counted. */
interface AnswerWork {
  readonly range: number;
  readonly key: number;
  readonly count: number;
}
const FAST: AnswerWork = { range: 0.005, key: 0.002, count: 0.00004 };
const SLOW: AnswerWork = { range: 0.1, key: 0.01, count: 0.0004 };

/** Estimates the round-trip time to a member. Listings of the same connection share one instance. */
export class RoundTripPace implements Pace {
  readonly #now: () => number;
  /** For each answer, the shortest and the longest round trip that its time allows. */
  readonly #trips: { readonly least: number; readonly most: number }[] = [];

  /** @param now returns milliseconds of a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Settings for the member: those for a far one only if no answer arrived sooner, and one took longer than even a slow
   * member needs.
   */
  get settings(): PaceSettings {
    const isFar = this.#trips.every(({ most }) => most >= FAR_MILLISECONDS);
    return isFar && this.#trips.some(({ least }) => least >= FAR_MILLISECONDS) ? FAR : NEAR;
  }

  start(): (answer: RangeResults) => void {
    const started = this.#now();
    return (answer) => {
      const elapsed = this.#now() - started;
      this.#trips.push({ least: elapsed - workTime(answer, SLOW), most: elapsed - workTime(answer, FAST) });
      if (this.#trips.length > REMEMBERED_ANSWERS) this.#trips.shift();
    };
  }
}

function workTime({ results }: RangeResults, { range, key, count }: AnswerWork): number {
  return results.reduce((sum, result) => sum + range + key * result.keys.length + count * result.count, 0);
}
