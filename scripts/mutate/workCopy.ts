import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from '../setup/command.mjs';
import { guard } from '../setup/guardian.ts';

const MOCHA = join('node_modules', 'mocha', 'bin', 'mocha.js');
/** mocha's time limit for each test. */
const TEST_LIMIT = '20000';

export interface CommandOutcome {
  readonly code: number | undefined;
  readonly isLate: boolean;
  readonly output: string;
}

/** A copy of the project's files, in which a bug can be planted while other copies run tests. */
export class WorkCopy {
  readonly folder: string;
  readonly #root: string;
  readonly #release: () => void;

  private constructor(root: string, folder: string, release: () => void) {
    this.#root = root;
    this.#release = release;
    this.folder = folder;
  }

  /** Copies the files that git knows or would add; packages are shared. */
  static async make(root: string): Promise<WorkCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-mutate-'));
    // Also removed if this process is killed.
    const release = guard({ folder });
    const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const path of listed.split('\0').filter(Boolean))
      await cp(join(root, path), join(folder, path)).catch((error: NodeJS.ErrnoException) => {
        // A file that is deleted but whose deletion is not committed.
        if (error.code !== 'ENOENT') throw error;
      });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return new WorkCopy(root, folder, release);
  }

  /** Returns the path of a project's file in this copy. */
  at(path: string): string {
    return join(this.folder, relative(this.#root, path));
  }

  /** Runs an action while a file has another text. */
  async with<T>(path: string, text: string, original: string, action: () => Promise<T>): Promise<T> {
    await writeFile(this.at(path), text);
    try {
      return await action();
    } finally {
      await writeFile(this.at(path), original);
    }
  }

  /** Runs test files with mocha until the first failure or the time limit. */
  async mocha(
    files: readonly string[],
    options: readonly string[],
    limit: number,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<CommandOutcome> {
    const args = [MOCHA, '--forbid-only', '--timeout', TEST_LIMIT, ...options, ...files.map((file) => this.at(file))];
    return await this.run(args, limit, environment);
  }

  /** Runs a program of this copy with this Node.js; the time limit ends it and all that it started. */
  async run(args: readonly string[], limit: number, environment: NodeJS.ProcessEnv = {}): Promise<CommandOutcome> {
    const isGroup = process.platform !== 'win32';
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: this.folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: isGroup,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    let isLate = false;
    const end = () => {
      isLate = true;
      if (child.pid === undefined) return;
      if (isGroup) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    };
    const timer = setTimeout(end, limit);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    return { code: typeof code === 'number' ? code : undefined, isLate, output };
  }

  async remove(): Promise<void> {
    // Removes the link itself, not what it points to.
    await rm(join(this.folder, 'node_modules'), { force: true });
    await rm(this.folder, { recursive: true, force: true });
    this.#release();
  }
}

/** Returns the project's root folder. */
export function projectRoot(): string {
  return dirname(dirname(import.meta.dirname));
}
