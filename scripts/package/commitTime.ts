import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** The first day of zip archives, for sources without a repository. */
const EARLIEST = Date.UTC(1980, 0, 2) / 1000;

/** Returns the time of the newest commit in seconds since 1970, which is the date of every file in the package. */
export async function commitTime(root: string): Promise<string> {
  try {
    return (await execute('git', ['log', '-1', '--format=%ct'], { cwd: root })).stdout.trim();
  } catch {
    return String(EARLIEST);
  }
}
