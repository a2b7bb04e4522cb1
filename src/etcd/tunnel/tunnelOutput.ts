import type { TunnelCommand } from './tunnelCommand.ts';

/** What a line of a program's output means. */
export type TunnelEvent =
  /** ssh: all its forwards are ready. */
  | { readonly kind: 'ready' }
  /** kubectl: one more forward is ready, in the order of the arguments. */
  | { readonly kind: 'forwards'; readonly port: number }
  /** The other side did not reach the end of the forward at this port. */
  | { readonly kind: 'unreached'; readonly port: number; readonly why: string };

/** Longest quoted line, in characters. */
const MAX_LINE = 200;
/** Lines of `ssh -v` that report no failure. */
const CHATTER = /^(?:debug\d: |OpenSSH_|Authenticated to |Transferred: |Bytes per second: |Authenticating to )/;
/** Lines of ssh that follow the one with the reason. */
const VAGUE = /^(?:channel_setup_fwd_listener_tcpip: |Could not request local forwarding)/;

/** Reads what ssh or kubectl prints, line by line. */
export class TunnelOutput {
  readonly program: TunnelCommand['program'];
  #lastLine = '';
  #hasUnknownKey = false;
  #hasChangedKey = false;
  /** Why ssh's channels failed to open, by their numbers. */
  readonly #failed = new Map<string, string>();

  constructor(program: TunnelCommand['program']) {
    this.program = program;
  }

  /** The last line that may explain a failure, shortened; empty if there was none. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** Whether ssh does not know the key of the host. */
  get hasUnknownKey(): boolean {
    return this.#hasUnknownKey;
  }

  /** Whether the host has another key than ssh knows. */
  get hasChangedKey(): boolean {
    return this.#hasChangedKey;
  }

  /** Reads a line. @returns what it means for the tunnel; undefined if nothing */
  read(line: string): TunnelEvent | undefined {
    return this.program === 'ssh' ? this.#readSsh(line) : this.#readKubectl(line);
  }

  #readSsh(line: string): TunnelEvent | undefined {
    if (line.startsWith('debug1: Entering interactive session')) return { kind: 'ready' };
    const [, freed, port] = /^debug1: channel (\d+): free: direct-tcpip: listening port (\d+) /.exec(line) ?? [];
    const why = this.#failed.get(freed ?? '');
    if (freed !== undefined && why !== undefined) {
      this.#failed.delete(freed);
      return { kind: 'unreached', port: Number(port), why };
    }
    if (CHATTER.test(line)) return undefined;
    const [, channel] = /^channel (\d+): open failed: /.exec(line) ?? [];
    if (channel !== undefined) this.#failed.set(channel, shortened(line));
    this.#hasUnknownKey ||= /^(?:No .* host key is known|Host key for .* not known)/.test(line);
    this.#hasChangedKey ||= line.includes('REMOTE HOST IDENTIFICATION HAS CHANGED');
    this.#note(line);
    return undefined;
  }

  #readKubectl(line: string): TunnelEvent | undefined {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+) -> \d+/.exec(line) ?? [];
    if (port !== undefined) return { kind: 'forwards', port: Number(port) };
    if (line.startsWith('Handling connection for ')) return undefined;
    this.#note(line);
    const [, at] = /an error occurred forwarding (\d+) -> \d+: /.exec(line) ?? [];
    return at === undefined ? undefined : { kind: 'unreached', port: Number(at), why: shortened(line) };
  }

  #note(line: string): void {
    if (line.trim() !== '' && !VAGUE.test(line)) this.#lastLine = shortened(line);
  }
}

function shortened(line: string): string {
  const text = line.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
}
