import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import {
  HttpClient,
  type HttpAnswer,
  type HttpRequest,
  type HttpSettings,
  type StreamedAnswer,
} from '../http/httpClient.ts';
import { memberOrigins } from './v2Members.ts';

const TEMPORARY_REDIRECT = 307;
/** The leader may change while a request is on its way to it. */
const MOST_REDIRECTS = 3;

/**
 * Sends requests as HttpClient does, and follows a follower of etcd 2 to its leader: only to the connection's own endpoints and
 * to members of their cluster, since what is sent holds credentials and values.
 */
export class RedirectedClient {
  readonly #settings: HttpSettings;
  readonly #http: HttpClient;
  readonly #leaders = new Map<string, HttpClient>();

  constructor(settings: HttpSettings, http: HttpClient) {
    this.#settings = settings;
    this.#http = http;
  }

  /** @throws EtcdError; `configuration` where the answer points elsewhere, to which nothing was sent then */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    let answer = await this.#http.send(request);
    for (let redirects = 0; isRedirect(answer); redirects++) {
      const leader = await this.#leaderOf(answer, request);
      if (!leader || redirects === MOST_REDIRECTS) throw refusedRedirect(answer);
      answer = await leader.send(request);
    }
    return answer;
  }

  /** Sends a request whose answer goes on; a follower answers such itself. @throws EtcdError */
  async stream(request: HttpRequest, failureOf: (answer: HttpAnswer) => EtcdError): Promise<StreamedAnswer> {
    return await this.#http.stream(request, (answer) =>
      isRedirect(answer) ? refusedRedirect(answer) : failureOf(answer),
    );
  }

  /** Closes what was opened for leaders; the client itself is its owner's. */
  close(): void {
    for (const leader of this.#leaders.values()) leader.close();
  }

  async #leaderOf(answer: HttpAnswer, request: HttpRequest): Promise<HttpClient | undefined> {
    const location = locationOf(answer);
    if (answer.status !== TEMPORARY_REDIRECT || location === undefined) return undefined;
    // Any other path would be another key, as the tidied one is to which etcd points with a 301.
    if (location.href !== new URL(request.path, location.origin).href) return undefined;
    if (!(await this.#isTrusted(location.origin, answer, request))) return undefined;
    const known = this.#leaders.get(location.origin);
    if (known) return known;
    const leader = new HttpClient({ ...this.#settings, endpoints: [location.origin] });
    this.#leaders.set(location.origin, leader);
    return leader;
  }

  async #isTrusted(origin: string, answer: HttpAnswer, { headers, signal }: HttpRequest): Promise<boolean> {
    if (this.#settings.endpoints.some((endpoint) => new URL(endpoint).origin === origin)) return true;
    // A member that the settings do not name gets nothing with less protection than the endpoint that points to it, and
    // no password in the clear: who allowed that, did so for the endpoint alone.
    const isClear = origin.startsWith('http:');
    if (isClear && (headers?.['authorization'] !== undefined || answer.endpoint.startsWith('https:'))) return false;
    return (await memberOrigins(this.#http, signal))?.has(origin) ?? false;
  }
}

function isRedirect({ status }: Pick<HttpAnswer, 'status'>): boolean {
  return status >= 300 && status < 400;
}

function locationOf({ headers, endpoint }: HttpAnswer): URL | undefined {
  const { location } = headers;
  return typeof location === 'string' && URL.canParse(location, endpoint) ? new URL(location, endpoint) : undefined;
}

function refusedRedirect(answer: HttpAnswer): EtcdError {
  const { host } = new URL(answer.endpoint);
  const location = locationOf(answer);
  return new EtcdError(
    'configuration',
    location
      ? l10n.t(
          '{0} points to {1} (HTTP {2}), and nothing was sent there. If that is a member of this cluster, add it to the endpoints of the connection.',
          host,
          location.origin + location.pathname,
          answer.status,
        )
      : l10n.t('{0} answered HTTP {1}, which points nowhere.', host, answer.status),
    { notCarriedOut: true },
  );
}
