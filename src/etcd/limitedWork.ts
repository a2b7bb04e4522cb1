import { createContext, Script } from 'node:vm';
import { unknownFields } from './unknownFields.ts';

// See docs/contributing/decisions/limits-and-memory.md

/** Limit of the attempts on a machine that is busy with something else, which leaves them little of their time. */
const MAX_TRIES = 8;
/** Processor time of failed attempts, as a multiple of the limit, after which the work itself is to blame. */
const ENOUGH = 1.8;

const script = new Script('work()');
/** The work under way. The context has no reference to it: the engine keeps what a context has called for long. */
let underWay: (() => void) | undefined;
/** One for all work: each context takes some 100 KB, which are released late. */
const context = createContext({ work: () => underWay?.() });

export interface WorkLimits {
  readonly milliseconds: number;
  /** Size of the input in characters, bytes or items, and its limit. */
  readonly size?: number;
  readonly maxSize?: number;
}

/**
 * Runs work on foreign input (a pattern, a value, a pasted text), whose time may grow without end, in this thread, and
 * stops it at its limits. A call costs a tenth of a millisecond.
 * @param work may be started several times; must not await anything
 * @returns the work's result; undefined if the input is too large or the time is over
 * @throws whatever the work throws
 */
export function limitedWork<T>(
  { milliseconds, size = 0, maxSize = Number.POSITIVE_INFINITY }: WorkLimits,
  work: () => T,
): T | undefined {
  if (size > maxSize) return undefined;
  const before = process.cpuUsage();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      return run(milliseconds, work);
    } catch (error) {
      // The error comes from another context, whose classes differ from this one's.
      if (unknownFields(error)['code'] !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 >= ENOUGH * milliseconds) return undefined;
  }
  return undefined;
}

/** Runs the work; the engine checks the time limit even while it matches a regular expression. */
function run<T>(milliseconds: number, work: () => T): T | undefined {
  const results: T[] = [];
  const outer = underWay;
  underWay = () => void results.push(work());
  try {
    script.runInContext(context, { timeout: milliseconds });
  } finally {
    underWay = outer;
  }
  return results[0];
}
