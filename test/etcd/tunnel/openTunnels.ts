import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ProcessTunnel } from '../../../src/etcd/tunnel/processTunnel.ts';
import type { TunnelSettings } from '../../../src/etcd/tunnel/tunnelSettings.ts';
import { until } from '../eventually.ts';

export const GUARD = join(import.meta.dirname, '..', '..', '..', 'src', 'etcd', 'tunnel', 'tunnelGuard.ts');

/** The tunnels of a test, and the programs that they find. */
export class OpenTunnels {
  readonly #path = process.env['PATH'];
  #tunnels: ProcessTunnel[] = [];

  /** Puts a folder in front of PATH; without one, nothing is found. */
  usePrograms(folder?: string): void {
    process.env['PATH'] = folder === undefined ? '' : [folder, this.#path].join(delimiter);
  }

  restorePath(): void {
    process.env['PATH'] = this.#path;
  }

  create(settings: TunnelSettings, endpoints: readonly string[]): ProcessTunnel {
    const tunnel = new ProcessTunnel(settings, endpoints, GUARD);
    this.#tunnels.push(tunnel);
    return tunnel;
  }

  /** Returns the command lines of the tunnels' processes that this process has started. */
  running(): string[] {
    const lines = execFileSync('/bin/ps', ['-eo', 'ppid=,args='], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => Number.parseInt(line, 10) === process.pid && line.includes('tunnelGuard'));
  }

  /** Closes all tunnels, and waits until their processes have ended. */
  async close(): Promise<void> {
    for (const tunnel of this.#tunnels) tunnel.close();
    this.#tunnels = [];
    await until(async () => this.running().length === 0);
  }
}
