import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { findProgram } from '../connect/localEtcd.ts';
import type { TunnelCommand } from './tunnelCommand.ts';
import { notReady, notStarted, programMissing } from './tunnelErrors.ts';
import { TunnelOutput } from './tunnelOutput.ts';

/** Longest line that is read whole, in characters. */
const MAX_LINE = 4096;
/** Seconds until a tunnel must be ready; commands in the configurations of ssh and kubectl may sign in first. */
const START_SECONDS = 60;

/** How a program is run. */
export interface TunnelStart {
  readonly name: string;
  readonly command: TunnelCommand;
  /** Ports of this machine that ssh was told; kubectl chooses its own. */
  readonly ports: readonly number[];
  /** Number of forwards. */
  readonly count: number;
  /** Path of the script `tunnelGuard`. */
  readonly guard: string;
  readonly signal: AbortSignal;
}

/** A running ssh or kubectl that forwards ports of this machine. */
export class TunnelProcess {
  readonly output: TunnelOutput;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #unreached = new Map<number, string>();
  readonly #ports: number[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #isRunning = true;

  private constructor(program: string, { command, guard, count }: TunnelStart, ready: () => void, ended: () => void) {
    this.output = new TunnelOutput(command.program);
    this.#child = spawn(process.execPath, [guard, program, ...command.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, with everything that the program starts, and without a terminal to ask at.
      detached: process.platform !== 'win32',
      windowsHide: true,
      cwd: homedir(),
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', SSH_ASKPASS_REQUIRE: 'never' },
    });
    // The program may have ended already.
    this.#child.stdin.on('error', () => undefined);
    const end = () => {
      this.#isRunning = false;
      this.#ended.resolve();
      ended();
    };
    this.#child.once('error', end);
    // Comes after all output.
    this.#child.once('close', end);
    const read = (line: string) => {
      const event = this.output.read(line);
      if (event?.kind === 'forwards') this.#ports.push(event.port);
      if (event?.kind === 'unreached') this.#unreach(event);
      if (event?.kind === 'ready' || (event?.kind === 'forwards' && this.#ports.length === count)) ready();
    };
    for (const stream of [this.#child.stdout, this.#child.stderr]) readLines(stream, read);
  }

  /** Runs a tunnel's program until its forwards are ready. @throws EtcdError */
  static async start(start: TunnelStart): Promise<TunnelProcess> {
    const { name, command, ports, signal } = start;
    const program = await findProgram(command.program);
    if (program === undefined) throw programMissing(command.program);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const tunnel = new TunnelProcess(program, start, resolve, () =>
      reject(notStarted(name, command.program, tunnel.output)),
    );
    const timer = setTimeout(() => reject(notReady(name, START_SECONDS, tunnel.output)), START_SECONDS * 1000);
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await promise;
      if (ports.length > 0) tunnel.#ports.push(...ports);
      return tunnel;
    } catch (error) {
      void tunnel.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The ports of this machine, in the order of the forwards. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Returns, once, why the end of the forward at a port was not reached. */
  takeUnreached(port: number): string | undefined {
    const why = this.#unreached.get(port);
    this.#unreached.delete(port);
    return why;
  }

  /** Ends the program and everything that it has started; resolves when it has ended. */
  async close(): Promise<void> {
    this.#isRunning = false;
    this.#child.stdin.end();
    await this.#ended.promise;
  }

  #unreach({ port, why }: { readonly port: number; readonly why: string }): void {
    this.#unreached.set(port, why);
    // A pod may have been replaced, to which an older kubectl would hold on.
    if (this.output.program === 'kubectl') void this.close();
  }
}

function readLines(stream: Readable, read: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop()?.slice(-MAX_LINE) ?? '';
    for (const line of lines) read(line.slice(0, MAX_LINE));
  });
  stream.once('end', () => {
    if (rest !== '') read(rest);
  });
}
