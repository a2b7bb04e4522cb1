import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WriterMessage } from './watchedWriter.ts';

export const WRITES_A_SECOND = 10_000;

/** A process that writes below a prefix on request. */
export class Flood {
  readonly written: number;
  readonly #writer: ChildProcess;

  private constructor(writer: ChildProcess, seconds: number) {
    this.#writer = writer;
    this.written = WRITES_A_SECOND * seconds;
  }

  /** Resolves once it is ready to begin. */
  static async prepare(endpoint: string, prefix: string, seconds: number): Promise<Flood> {
    const settings = [endpoint, prefix, `${WRITES_A_SECOND}`, `${seconds}`];
    const writer = fork(join(import.meta.dirname, 'watchedWriter.ts'), settings);
    await told(writer, 'ready');
    return new Flood(writer, seconds);
  }

  /** Writes everything once. Resolves to the seconds that it took. */
  async run(): Promise<number> {
    const started = performance.now();
    this.#writer.send('go');
    await told(this.#writer, 'done');
    return (performance.now() - started) / 1000;
  }

  close(): void {
    this.#writer.disconnect();
  }
}

async function told(writer: ChildProcess, expected: WriterMessage): Promise<void> {
  const [message] = await once(writer, 'message');
  if (message !== expected) throw new Error(`the writer said ${String(message)}`);
}
