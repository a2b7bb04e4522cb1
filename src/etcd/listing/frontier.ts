import { sum } from '../sum.ts';
import type { FoundChild } from './listedScope.ts';
import type { Gap, Reading } from './gap.ts';

/** A gap and the children found behind it, up to the next gap. */
export interface Stretch {
  readonly gap: Gap;
  readonly children: FoundChild[];
  /** True while a request asks for the gap. */
  busy: boolean;
  /** Children that this request will bring at the least, by estimate. */
  expected: number;
}

/** The state of a listing in key order: final children, then gaps with children in between. */
export class Frontier {
  readonly #final: FoundChild[] = [];
  readonly #stretches: Stretch[];
  /** Path of the last child taken. A folder that spans two gaps is found twice. */
  #lastTaken: string | undefined;

  constructor(gaps: readonly Gap[]) {
    this.#stretches = gaps.map((gap) => ({ gap, children: [], busy: false, expected: 0 }));
  }

  get isComplete(): boolean {
    return this.#stretches.length === 0;
  }

  /** Number of final children that can be taken. */
  get finalChildren(): number {
    return this.#final.length;
  }

  /** Returns the first final children whose numbers of keys will not change any more. */
  settled(size: number): readonly FoundChild[] {
    const isCounting = this.#stretches[0]?.gap.after?.folder === this.#final.at(-1);
    return this.#final.slice(0, Math.min(size, this.#final.length - (isCounting ? 1 : 0)));
  }

  /** Estimates the number of children still to be taken: those found, and those in the gaps at `meanSize` keys each. */
  left(meanSize: number): number {
    const inGaps = this.#stretches.map(({ gap, children }) => {
      // The rest of the folder before the gap is counted with the gap.
      const unknown = gap.most / meanSize - (gap.after ? 1 : 0);
      return children.length + Math.max(0, unknown);
    });
    return this.#final.length + sum(inGaps);
  }

  take(size: number): FoundChild[] {
    const taken = this.#final.splice(0, size);
    this.#lastTaken = taken.at(-1)?.path ?? this.#lastTaken;
    return taken;
  }

  /**
   * Yields the stretches that matter for the next `wanted` children, each with the number of children wanted from its
   * gap.
   */
  *relevant(wanted: number): Generator<readonly [Stretch, number]> {
    let missing = wanted - this.#final.length;
    for (const stretch of this.#stretches) {
      if (missing <= 0) return;
      yield [stretch, missing];
      missing -= stretch.children.length;
    }
  }

  /** Replaces the stretch's gap with what was read. The readings cover the gap, in key order. */
  replace(stretch: Stretch, readings: readonly Reading[]): void {
    const at = this.#stretches.indexOf(stretch);
    const before = this.#stretches[at - 1]?.children ?? this.#final;
    const added: Stretch[] = [];
    for (const { children, gap } of readings) {
      this.#append(added.at(-1)?.children ?? before, children);
      if (gap) added.push({ gap, children: [], busy: false, expected: 0 });
    }
    this.#append(added.at(-1)?.children ?? before, stretch.children);
    this.#stretches.splice(at, 1, ...added);
  }

  #append(children: FoundChild[], found: readonly FoundChild[]): void {
    const lastPath = this.#lastPathOf(children);
    for (const child of found) if (child.path !== lastPath) children.push(child);
  }

  #lastPathOf(children: readonly FoundChild[]): string | undefined {
    return children.at(-1)?.path ?? (children === this.#final ? this.#lastTaken : undefined);
  }
}
