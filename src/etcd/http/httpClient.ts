import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { t } from '@vscode/l10n';
import got, { type Got } from 'got';
import { EtcdError } from '../errors.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { speaksTls, speaksPlainHttp } from './schemeProbe.ts';
import { tlsAgentOptions, tlsRequestOptions, type TlsIdentity } from './tlsIdentity.ts';

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

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** May be sent again when its fate is unknown. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly endpoint: string;
}

/** One got instance for one connection: its endpoints, agents, TLS identity and time limits. */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #got: Got;
  readonly #closed = new AbortController();
  /** Index of the endpoint that answered last. */
  #preferred = 0;

  constructor(settings: HttpSettings) {
    const { tls, limits } = settings;
    this.#settings = settings;
    this.#agents = {
      http: new HttpAgent({ keepAlive: true }),
      https: new HttpsAgent({ keepAlive: true, ...tlsAgentOptions(tls) }),
    };
    this.#got = got.extend({
      agent: this.#agents,
      // On the request, not on the agent: behind a proxy VS Code replaces the agent and keeps only what the request says.
      https: {
        rejectUnauthorized: true,
        ...tlsRequestOptions(tls),
      },
      timeout: {
        lookup: limits.connect,
        connect: limits.connect,
        secureConnect: limits.connect,
        response: limits.response,
      },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
    });
  }

  /** The endpoint that answered last. */
  get endpoint(): string {
    return this.#settings.endpoints[this.#preferred] ?? '';
  }

  /**
   * Sends a request to the endpoint that answered last, and on to the next ones while that is safe.
   * @throws EtcdError of the network's kinds; an answer of any HTTP status is returned
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { endpoints } = this.#settings;
    const failures: EtcdError[] = [];
    for (let tries = 0; tries < endpoints.length; tries++) {
      try {
        return await this.#sendTo(this.endpoint, request);
      } catch (error) {
        if (!EtcdError.is(error)) throw error;
        failures.push(error);
        const mayGoOn = error.notCarriedOut || (request.repeatable && error.fateUnknown);
        if (!mayGoOn) throw error;
        this.#preferred = (this.#preferred + 1) % endpoints.length;
      }
    }
    throw allFailed(failures);
  }

  async #sendTo(endpoint: string, request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#once(endpoint, request);
    } catch (error) {
      // A kept-alive connection that the server has closed meanwhile looks like this.
      if (request.repeatable && EtcdError.is(error, 'connectionLost')) return await this.#once(endpoint, request);
      throw error;
    }
  }

  async #once(endpoint: string, { method, path, body, headers, signal }: HttpRequest): Promise<HttpAnswer> {
    const url = new URL(path, endpoint);
    const started = performance.now();
    const entry = () => ({ method, path, endpoint, milliseconds: performance.now() - started });
    try {
      const response = await this.#got(url, {
        method,
        ...(body !== undefined && { body }),
        headers: { 'user-agent': undefined, ...headers },
        signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
      });
      this.#settings.log?.({ ...entry(), status: response.statusCode, bytes: response.rawBody.length });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        endpoint,
      };
    } catch (thrown) {
      const error = await this.#explain(networkError(thrown, url, this.#settings.limits), url);
      this.#settings.log?.({ ...entry(), error: error.kind });
      throw error;
    }
  }

  /** A lost connection and a failed handshake may mean that the endpoint speaks the other of http and https: asks it. */
  async #explain(error: EtcdError, url: URL): Promise<EtcdError> {
    if (!EtcdError.is(error, 'connectionLost', 'tlsFailed')) return error;
    const limit = Math.min(this.#settings.limits.connect, 2000);
    if (url.protocol === 'http:' && (await speaksTls(url, limit)))
      return new EtcdError('plainToTls', t('{0} speaks TLS. Write the endpoint as https://{0}.', url.host), {
        cause: error,
      });
    if (url.protocol === 'https:' && (await speaksPlainHttp(url, limit)))
      return new EtcdError(
        'tlsToPlain',
        t('{0} speaks http without TLS. Write the endpoint as http://{0}.', url.host),
        { cause: error },
      );
    return error;
  }

  /** Aborts what is under way and closes the sockets. */
  close(): void {
    this.#closed.abort();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

function allFailed(failures: readonly EtcdError[]): EtcdError {
  const [first] = failures;
  if (first === undefined) return new EtcdError('configuration', t('This connection has no endpoint.'));
  if (failures.length === 1) return first;
  const reasons = [...new Set(failures.map((failure) => failure.message))].join(' ');
  return new EtcdError(first.kind, t('None of the {0} endpoints can be used. {1}', failures.length, reasons), {
    cause: new AggregateError(failures),
    notCarriedOut: failures.every((failure) => failure.notCarriedOut),
  });
}
