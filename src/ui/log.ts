import type { LogOutputChannel } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { RequestLogEntry } from '../etcd/http/endpoints.ts';
import { unknownFields } from '../etcd/unknownFields.ts';

// See docs/contributing/decisions/foreign-text.md

/** Beginning of v2 paths, which continue with a key. */
const V2_KEYS = '/v2/keys';
const MAX_CAUSES = 5;

type DoneWork = 'restored' | 'exported' | 'imported' | 'deleted' | 'moved' | 'copied' | 'applied';

/**
 * The log of this extension. All its lines are made here, from words that contain no key, value or secret: kinds,
 * codes, places in the code, and the kind of a request. Sentences are left out, because they may name a key.
 */
export class EtcdLog {
  readonly #channel: Pick<LogOutputChannel, 'trace' | 'info' | 'error' | 'show'>;

  constructor(channel: Pick<LogOutputChannel, 'trace' | 'info' | 'error' | 'show'>) {
    this.#channel = channel;
  }

  /** Logs a request at trace level. */
  request(connection: string, { method, path, endpoint, milliseconds, status, bytes, error }: RequestLogEntry): void {
    const outcome = error ?? `${status}, ${bytes} bytes`;
    this.#channel.trace(
      `${JSON.stringify(connection)}: ${method} ${endpoint}${shownPath(path)} ${outcome} (${milliseconds.toFixed(1)} ms)`,
    );
  }

  /**
   * Logs a failure at error level.
   * @param what a command's id, or another text of this extension
   */
  failure(what: string, error: unknown): void {
    const lines = [`${what}: ${causesOf(error).join(', by ')}`, ...placesOf(error)];
    this.#channel.error(lines.join('\n'));
  }

  /**
   * Logs the result of a command at info level, because its message can be missed or dismissed.
   * @param left number of keys that were left unchanged
   */
  done(what: DoneWork, keys: number, left = 0): void {
    const count = keys === 1 ? `1 key was ${what}.` : `${keys} keys were ${what}.`;
    this.#channel.info(left > 0 ? `${count} Left as they are: ${left}.` : count);
  }

  /** Logs a call of a language model's tool at info level. @param keys number of keys in the answer */
  tool(name: string, keys: number): void {
    this.#channel.info(`${name}, keys: ${keys}`);
  }

  show(): void {
    this.#channel.show();
  }
}

/** Removes the query and the key from a path. */
function shownPath(path: string): string {
  const [pathname = ''] = path.split('?');
  return pathname.startsWith(`${V2_KEYS}/`) ? `${V2_KEYS}/…` : pathname;
}

/** Lists the kind or the name of an error and of its causes, with their codes. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let each = error; each !== undefined && causes.length < MAX_CAUSES; each = unknownFields(each)['cause']) {
    const { code } = unknownFields(each);
    const name = EtcdError.is(each) ? each.kind : each instanceof Error ? each.constructor.name : typeof each;
    const isCode = (typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code)) || typeof code === 'number';
    causes.push(isCode ? `${name} ${code}` : name);
  }
  return causes;
}

/** Lists the places in the code where an unexpected failure occurred. */
function placesOf(error: unknown): string[] {
  if (EtcdError.is(error) || !(error instanceof Error)) return [];
  const { message, stack = '' } = error;
  const start = stack.indexOf(message);
  const places = start < 0 ? '' : stack.slice(start + message.length);
  return places.split('\n').filter((line) => /^ {4}at [^\n]{1,300}:\d+:\d+\)?$/.test(line));
}
