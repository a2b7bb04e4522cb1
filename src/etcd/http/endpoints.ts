import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { whenShaken, type Handshake } from './handshake.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { speaksTls, speaksPlainHttp } from './schemeProbe.ts';
import type { TlsIdentity } from './tlsIdentity.ts';

export interface HttpSettings {
  /** Origins such as `https://host:2379`; one is enough. */
  readonly endpoints: readonly string[];
  readonly tls: TlsIdentity;
  readonly limits: TimeLimits;
  readonly log?: (entry: RequestLogEntry) => void;
}

/** What may be logged of a request: never a body or a header. */
export interface RequestLogEntry {
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly milliseconds: number;
  readonly status?: number;
  readonly bytes?: number;
  readonly error?: string;
}

/** What decides where a request may go, and what is logged of it. */
export interface RequestTarget {
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  /** May be sent again when its fate is unknown. */
  readonly repeatable: boolean;
}

/** An answer of any kind; `error` is logged with it. */
export interface Answered {
  readonly status: number;
  readonly bytes: number;
  readonly error?: string;
}

/** The endpoints of one connection and which of them is in use, whatever protocols are spoken with them. */
export class Endpoints {
  readonly #settings: Omit<HttpSettings, 'tls'>;
  #all: readonly string[];
  /** Index of the endpoint that answered last. */
  #preferred = 0;
  readonly #handshakes = new Map<string, Handshake>();

  constructor(settings: Omit<HttpSettings, 'tls'>) {
    this.#settings = settings;
    this.#all = settings.endpoints;
  }

  /** The endpoint that answered last. */
  get current(): string {
    return this.#all[this.#preferred] ?? '';
  }

  /** Those of the settings, and those learned since. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** The latest handshake with the endpoint that answered last; none without TLS. */
  get handshake(): Handshake | undefined {
    return this.#handshakes.get(this.current);
  }

  /** Takes note of the certificates that a connection to the endpoint has shown, whatever is spoken over it. */
  follow(endpoint: URL, socket: unknown): void {
    whenShaken(socket, (handshake) => this.#handshakes.set(endpoint.origin, handshake));
  }

  /** Adds the addresses that members announce, if they are as well protected as those of the settings. */
  learn(urls: readonly string[]): void {
    const { endpoints } = this.#settings;
    const protocols = new Set(endpoints.map((endpoint) => new URL(endpoint).protocol));
    const announced = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url));
    const usable = announced.filter(({ protocol }) => protocols.has(protocol)).map(({ origin }) => origin);
    this.#all = [...new Set([...endpoints, ...usable])];
  }

  /**
   * Sends a request to the endpoint that answered last, and on to the next ones while that is safe.
   * @param once sends it to one endpoint
   * @throws EtcdError of the network's kinds
   */
  async send<A extends Answered>(target: RequestTarget, once: (endpoint: string) => Promise<A>): Promise<A> {
    const endpoints = this.#all;
    // Each request goes its own round, so that several which fail at a time skip none.
    const first = this.#preferred;
    const failures: EtcdError[] = [];
    for (let tries = 0; tries < endpoints.length; tries++) {
      const index = (first + tries) % endpoints.length;
      try {
        const answer = await this.#sendTo(endpoints[index] ?? '', target, once);
        this.#preferred = index;
        return answer;
      } catch (error) {
        if (!EtcdError.is(error)) throw error;
        failures.push(error);
        if (!mayGoOn(target, error)) throw error;
      }
    }
    throw allFailed(failures);
  }

  async #sendTo<A extends Answered>(
    endpoint: string,
    target: RequestTarget,
    once: (endpoint: string) => Promise<A>,
  ): Promise<A> {
    try {
      return await this.#logged(endpoint, target, once).catch((error: unknown) => {
        // A connection that was kept and that the server has closed meanwhile looks like this.
        if (EtcdError.is(error, 'connectionLost') && mayGoOn(target, error))
          return this.#logged(endpoint, target, once);
        throw error;
      });
    } catch (error) {
      throw EtcdError.is(error) ? await this.#explain(error, new URL(endpoint)) : error;
    }
  }

  async #logged<A extends Answered>(
    endpoint: string,
    { method, path }: RequestTarget,
    once: (endpoint: string) => Promise<A>,
  ): Promise<A> {
    const { limits, log } = this.#settings;
    const started = performance.now();
    const entry = () => ({ method, path, endpoint, milliseconds: performance.now() - started });
    try {
      const answer = await once(endpoint);
      const { status, bytes, error } = answer;
      log?.({ ...entry(), status, bytes, ...(error !== undefined && { error }) });
      return answer;
    } catch (thrown) {
      const error = networkError(thrown, new URL(endpoint), limits);
      log?.({ ...entry(), error: error.kind });
      throw error;
    }
  }

  /** A lost connection and a failed handshake may mean that the endpoint speaks the other of http and https: asks it. */
  async #explain(error: EtcdError, url: URL): Promise<EtcdError> {
    if (!EtcdError.is(error, 'connectionLost', 'tlsFailed')) return error;
    const limit = Math.min(this.#settings.limits.connect, 2000);
    if (url.protocol === 'http:' && (await speaksTls(url, limit)))
      return new EtcdError('plainToTls', l10n.t('{0} speaks TLS. Write the endpoint as https://{0}.', url.host), {
        cause: error,
      });
    if (url.protocol === 'https:' && (await speaksPlainHttp(url, limit)))
      return new EtcdError(
        'tlsToPlain',
        l10n.t('{0} speaks http without TLS. Write the endpoint as http://{0}.', url.host),
        { cause: error },
      );
    return error;
  }
}

function mayGoOn({ repeatable }: RequestTarget, error: EtcdError): boolean {
  return error.notCarriedOut || (repeatable && error.fateUnknown);
}

function allFailed(failures: readonly EtcdError[]): EtcdError {
  const [first] = failures;
  if (first === undefined) return new EtcdError('configuration', l10n.t('This connection has no endpoint.'));
  if (failures.length === 1) return first;
  const reasons = [...new Set(failures.map((failure) => failure.message))].join(' ');
  return new EtcdError(first.kind, l10n.t('None of the {0} endpoints can be used. {1}', failures.length, reasons), {
    cause: new AggregateError(failures),
    notCarriedOut: failures.every((failure) => failure.notCarriedOut),
  });
}
