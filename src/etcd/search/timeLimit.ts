import { createContext, Script } from 'node:vm';
import { unknownFields } from '../unknownFields.ts';

const script = new Script('work()');

/**
 * Runs work of a user's regular expression, which may backtrack without end, and stops it after so many milliseconds: the
 * engine looks for that while it matches. A call costs a tenth of a millisecond.
 * @returns whether the work came to its end
 */
export function runWithin(milliseconds: number, work: () => void): boolean {
  try {
    script.runInContext(createContext({ work }), { timeout: milliseconds });
    return true;
  } catch (error) {
    // It is an error of that context, whose class is not this one's.
    if (unknownFields(error)['code'] === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
