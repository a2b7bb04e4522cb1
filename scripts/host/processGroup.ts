import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMilliseconds = 20;
/** Limit of the wait on systems without `/proc`, which cannot tell ended processes from running ones. */
const unknownLimitMilliseconds = 2000;
/** State and group in `/proc/PID/stat`, after the name in parentheses, which may contain anything. */
const stat = /^\d+ \(.*\) (\S) \d+ (\d+) /s;

/** Waits until a group of processes ends by itself, and ends it after that time. @param pid negative for a group */
export async function endGroup(pid: number, limitMilliseconds: number): Promise<void> {
  const deadline = Date.now() + limitMilliseconds;
  while ((await runs(pid)) && Date.now() < deadline + unknownLimitMilliseconds) {
    if (Date.now() >= deadline) kill(pid);
    await delay(pollMilliseconds);
  }
}

/** A container without an init process keeps ended processes as zombies, which accept signals. */
async function runs(pid: number): Promise<boolean> {
  if (!accepts(pid)) return false;
  const names = await readdir('/proc').catch(() => undefined);
  if (!names) return true;
  const stats = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join('/proc', name, 'stat'), 'utf8').catch(() => '')),
  );
  return stats.some((text) => {
    const [, state = 'Z', group = ''] = stat.exec(text) ?? [];
    return Number(group) === Math.abs(pid) && state !== 'Z' && state !== 'X';
  });
}

function accepts(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
