import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Listed, Task, WayName } from './worker.ts';

const pollMilliseconds = 10;

/** A worker process that lists on request. */
export class Contestant {
  readonly #child: ReturnType<typeof fork>;

  private constructor(child: ReturnType<typeof fork>) {
    this.#child = child;
  }

  /**
   * @param size of the bench's keyspace
   * @param delay added round-trip time in milliseconds
   */
  static async start(way: WayName, endpoint: string, folder: string, size: number, delay: number): Promise<Contestant> {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [way, endpoint, folder, String(size), String(delay)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    await once(child, 'message');
    return new Contestant(child);
  }

  /**
   * @param most children to list; 0 for all
   * @param isAgain whether the earlier listing may be remembered
   */
  async list(most = 0, isAgain = false): Promise<Listed> {
    const over = new AbortController();
    const { signal } = over;
    const answered = once(this.#child, 'message', { signal });
    const ended = once(this.#child, 'exit', { signal }).then((): never => {
      throw new Error('a listing of the bench failed');
    });
    this.#child.send({ most, isAgain } satisfies Task);
    try {
      const [listed] = (await Promise.race([answered, ended])) as [Listed];
      return listed;
    } finally {
      for (const waiting of [answered, ended]) waiting.catch(() => undefined);
      over.abort();
    }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

/** Figures of a whole process. */
export interface EtcdctlFigures {
  readonly milliseconds: number;
  readonly memory: number;
}

/**
 * Runs `etcdctl get --prefix` as a whole process whose output is read.
 * @param flags for it; keys only by default
 */
export async function runEtcdctl(
  program: string,
  endpoint: string,
  folder: string,
  flags: readonly string[] = ['--keys-only'],
): Promise<EtcdctlFigures> {
  const started = performance.now();
  const child = spawn(
    program,
    ['--endpoints', endpoint, '--command-timeout', '120s', 'get', '--prefix', ...flags, folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ETCDCTL_API: '3' },
    },
  );
  let memory = 0;
  const polls = setInterval(() => (memory = Math.max(memory, peakMemory(child.pid))), pollMilliseconds);
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(polls);
  if (code !== 0) throw new Error(`etcdctl failed with exit code ${code}`);
  return { milliseconds: performance.now() - started, memory };
}

/** Returns the peak memory of a process that may have ended; 0 if the system does not report it. */
function peakMemory(pid: number | undefined): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
