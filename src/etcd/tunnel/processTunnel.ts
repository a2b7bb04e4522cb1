import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelled } from '../cancelled.ts';
import { EtcdError } from '../errors.ts';
import type { Address, Tunnel } from '../http/dialing.ts';
import { tunnelCommand, tunnelEnd, tunnelEnds, tunnelName } from './tunnelCommand.ts';
import { endSilent, endUnreached, notRunning, tunnelEnded } from './tunnelErrors.ts';
import { TunnelProcess } from './tunnelProcess.ts';
import type { TunnelSettings } from './tunnelSettings.ts';

// See docs/contributing/decisions/tunnels.md

/** Attempts to find ports that no other program takes meanwhile. */
const PORT_TRIES = 3;
/** Milliseconds between failed starts: at first, and at most. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 60_000];

interface Owner {
  readonly settings: TunnelSettings;
  readonly guard: string;
  /** Aborts when the tunnel is closed. */
  readonly signal: AbortSignal;
}

/** Ends that one process leads to. It is started when it is needed, and again after it has ended. */
class Forwarding {
  readonly #owner: Owner;
  readonly ends: readonly string[];
  process: TunnelProcess | undefined;
  #starting: Promise<TunnelProcess> | undefined;
  #failed: { readonly error: unknown; readonly until: number; readonly pause: number } | undefined;

  constructor(owner: Owner, ends: readonly string[]) {
    this.#owner = owner;
    this.ends = ends;
  }

  /** @throws EtcdError; the one of the latest start, if that was just now */
  async open(): Promise<void> {
    if (this.process?.isRunning) return;
    if (this.#failed && performance.now() < this.#failed.until) throw this.#failed.error;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  async #start(): Promise<TunnelProcess> {
    const { signal } = this.#owner;
    try {
      this.process = await this.#started();
      this.#failed = undefined;
      return this.process;
    } catch (error) {
      if (signal.aborted) throw cancelled();
      // Requests in the background must not knock at the host again and again.
      const pause = Math.min((this.#failed?.pause ?? FIRST_PAUSE / 2) * 2, LONGEST_PAUSE);
      this.#failed = { error, pause, until: performance.now() + pause };
      throw error;
    }
  }

  async #started(): Promise<TunnelProcess> {
    const { settings, guard, signal } = this.#owner;
    for (let tries = 1; ; tries++) {
      const ports = 'ssh' in settings ? await freePorts(this.ends.length) : [];
      const command = tunnelCommand(settings, this.ends, ports);
      try {
        const count = this.ends.length;
        return await TunnelProcess.start({ name: tunnelName(settings), command, ports, count, guard, signal });
      } catch (error) {
        const isTaken = EtcdError.is(error) && ports.some((port) => error.message.includes(`${port}`));
        if (!isTaken || tries === PORT_TRIES) throw error;
      }
    }
  }
}

/** A tunnel by ssh or kubectl. All endpoints of a connection share one process. */
export class ProcessTunnel implements Tunnel {
  readonly #owner: Owner;
  readonly #closed = new AbortController();
  readonly #forwardings: Forwarding[];

  /**
   * @param origins of the settings; those that are learned later get a process each
   * @param guard path of the script `tunnelGuard`
   */
  constructor(settings: TunnelSettings, origins: readonly string[], guard: string) {
    this.#owner = { settings, guard, signal: this.#closed.signal };
    this.#forwardings = [new Forwarding(this.#owner, tunnelEnds(settings, origins))];
  }

  get name(): string {
    return tunnelName(this.#owner.settings);
  }

  /** Whether it can also lead to members that the settings do not name: kubectl reaches one pod or service. */
  get leadsAnywhere(): boolean {
    return 'ssh' in this.#owner.settings;
  }

  async open(origin: string): Promise<void> {
    if (this.#closed.signal.aborted) throw cancelled();
    const end = this.#endOf(origin);
    let forwarding = this.#forwardingOf(end);
    if (!forwarding) this.#forwardings.push((forwarding = new Forwarding(this.#owner, [end])));
    await forwarding.open();
  }

  entrance(origin: string): Address {
    const end = this.#endOf(origin);
    const { process, ends = [] } = this.#forwardingOf(end) ?? {};
    const port = process?.isRunning ? process.ports[ends.indexOf(end)] : undefined;
    if (port === undefined) throw notRunning(this.name);
    return { host: '127.0.0.1', port };
  }

  async explain(origin: string, error: EtcdError): Promise<EtcdError> {
    if (!EtcdError.is(error, 'connectionLost', 'refused', 'tlsFailed', 'timedOut')) return error;
    const end = this.#endOf(origin);
    const { process, ends = [] } = this.#forwardingOf(end) ?? {};
    const port = process?.ports[ends.indexOf(end)];
    if (!process || port === undefined) return error;
    // The program writes why before it closes the socket, so that is read in the same turn or the next one.
    await nextTurn();
    await nextTurn();
    const why = process.takeUnreached(port);
    if (why !== undefined) return endUnreached(this.name, end, why, error);
    // Nothing listens at its port any more.
    if (error.kind === 'refused') await process.close();
    if (!process.isRunning) return tunnelEnded(this.name, process.output.program, process.output, error);
    return error.kind === 'timedOut' ? endSilent(this.name, end, error) : error;
  }

  close(): void {
    this.#closed.abort();
    for (const { process } of this.#forwardings) void process?.close();
  }

  #endOf(origin: string): string {
    return tunnelEnd(this.#owner.settings, origin);
  }

  #forwardingOf(end: string): Forwarding | undefined {
    return this.#forwardings.find(({ ends }) => ends.includes(end));
  }
}

/** Finds ports of this machine that nothing listens at. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(async (server) => {
        await once(server.listen(0, '127.0.0.1'), 'listening');
        const address = server.address();
        return typeof address === 'object' && address ? address.port : 0;
      }),
    );
  } finally {
    for (const server of servers) server.close();
  }
}
