import type { RangeAnswer } from './rangeReader.ts';

export interface PaceSettings {
  /** Requests under way at a time. */
  readonly parallel: number;
  /** A gap of so many keys is read whole rather than split. */
  readonly smallGap: number;
  /** A part of a gap with more keys is worth another part. */
  readonly keysPerPart: number;
  /** A gap of which so many keys are read has a request of its own: the member reads it while the one before is taken in. */
  readonly keysToReadAlone: number;
  /** Keys that the first request of a listing asks for. */
  readonly firstLimit: number;
}

/** How a listing trades requests for bytes, and what tells it. */
export interface Pace {
  readonly settings: PaceSettings;
  /** Begins the time of a request; call what it returns with the answer. */
  start(): (answer: RangeAnswer) => void;
}

const NEAR: PaceSettings = { parallel: 2, smallGap: 128, keysPerPart: 1500, keysToReadAlone: 4500, firstLimit: 300 };
/** Where waiting costs more than some thousand keys: fewer and fuller rounds. */
const FAR: PaceSettings = { parallel: 8, smallGap: 500, keysPerPart: 400, keysToReadAlone: Infinity, firstLimit: 1000 };
const FAR_MILLISECONDS = 20;
const REMEMBERED_ANSWERS = 32;

/** Milliseconds that a member works on an answer: for each range, key returned, and key counted. */
interface Work {
  readonly range: number;
  readonly key: number;
  readonly count: number;
}
const FAST: Work = { range: 0.005, key: 0.002, count: 0.00004 };
const SLOW: Work = { range: 0.1, key: 0.01, count: 0.0004 };

/** Follows the round-trip time to a member; listings of the same connection share one. */
export class RoundTripPace implements Pace {
  readonly #now: () => number;
  /** The shortest and the longest round trip that an answer's time leaves room for. */
  readonly #trips: { readonly least: number; readonly most: number }[] = [];

  /** `now` gives milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Far only where no answer came sooner than that, and one took longer than a slow member needs. */
  get settings(): PaceSettings {
    const isFar = this.#trips.every(({ most }) => most >= FAR_MILLISECONDS);
    return isFar && this.#trips.some(({ least }) => least >= FAR_MILLISECONDS) ? FAR : NEAR;
  }

  start(): (answer: RangeAnswer) => void {
    const started = this.#now();
    return (answer) => {
      const elapsed = this.#now() - started;
      this.#trips.push({ least: elapsed - workTime(answer, SLOW), most: elapsed - workTime(answer, FAST) });
      if (this.#trips.length > REMEMBERED_ANSWERS) this.#trips.shift();
    };
  }
}

function workTime({ results }: RangeAnswer, { range, key, count }: Work): number {
  return results.reduce((sum, result) => sum + range + key * result.keys.length + count * result.count, 0);
}
