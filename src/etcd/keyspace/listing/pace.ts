export interface PaceSettings {
  /** Requests under way at a time. */
  readonly parallel: number;
  /** A gap of so many keys is read whole rather than split. */
  readonly smallGap: number;
  /** Keys that the first request of a listing asks for. */
  readonly firstLimit: number;
}

/** How a listing trades requests for bytes, and what tells it. */
export interface Pace {
  readonly settings: PaceSettings;
  /** Begins the time of a request; call what it returns with the number of keys that the answer counted. */
  start(): (countedKeys: number) => void;
}

const NEAR: PaceSettings = { parallel: 2, smallGap: 32, firstLimit: 300 };
/** Where waiting costs more than some thousand keys: fewer and fuller rounds. */
const FAR: PaceSettings = { parallel: 8, smallGap: 256, firstLimit: 1000 };
const FAR_MILLISECONDS = 20;
const REMEMBERED_TIMES = 8;
/** A member needs about so long for each key that it counts, whether it returns the key or not. */
const COUNTING_MILLISECONDS = 5e-5;

/** Follows the round-trip time to a member; listings of the same connection share one. */
export class RoundTripPace implements Pace {
  readonly #now: () => number;
  readonly #times: number[] = [];

  /** `now` gives milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get settings(): PaceSettings {
    return this.#times.length > 0 && Math.min(...this.#times) >= FAR_MILLISECONDS ? FAR : NEAR;
  }

  start(): (countedKeys: number) => void {
    const started = this.#now();
    return (countedKeys) => {
      this.#times.push(this.#now() - started - countedKeys * COUNTING_MILLISECONDS);
      if (this.#times.length > REMEMBERED_TIMES) {
        this.#times.shift();
      }
    };
  }
}
