import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import {
  HttpClient,
  type HttpAnswer,
  type HttpRequest,
  type HttpSettings,
  type StreamedAnswer,
} from '../http/httpClient.ts';
import { Endpoints, type Judge } from '../http/endpoints.ts';
import { OneCluster } from '../http/oneCluster.ts';
import { clusterOfMember, memberOrigins } from './v2Members.ts';

const TEMPORARY_REDIRECT = 307;
/** Redirects followed for a request, because the leader may change while it is under way. */
const MAX_REDIRECTS = 3;

/**
 * Sends requests as HttpClient does, and follows the redirects of etcd 2 from a follower to its leader. It follows them
 * only to the connection's own endpoints and to members of their cluster, because requests contain credentials and
 * values.
 */
export class RedirectedClient {
  readonly #settings: HttpSettings;
  readonly #http: HttpClient;
  readonly #cluster: OneCluster;
  readonly #leaders = new Map<string, HttpClient>();

  /** @param cluster to which the client's endpoints and the leaders belong */
  constructor(settings: HttpSettings, http: HttpClient, cluster = new OneCluster()) {
    this.#settings = settings;
    this.#http = http;
    this.#cluster = cluster;
  }

  /** @throws EtcdError; `configuration` if the answer points elsewhere, to which nothing is sent then */
  async send(request: HttpRequest, judge: Judge<HttpAnswer>): Promise<HttpAnswer> {
    const toItself: Judge<HttpAnswer> = {
      ...judge,
      failureOf: (failed) => (isRedirect(failed) ? undefined : judge.failureOf(failed)),
    };
    const sendBy = (client: HttpClient) => {
      const clusterOf = request.repeatable ? undefined : (endpoint: string) => clusterOfMember(client, endpoint);
      return client.send({ ...request, clusterOf }, toItself);
    };
    let answer = await sendBy(this.#http);
    for (let redirects = 0; isRedirect(answer); redirects++) {
      // A follower that points to the leader has done nothing itself.
      const leader = await this.#leaderOf(answer, request).catch((error: unknown) => {
        throw EtcdError.notCarriedOut(error);
      });
      if (!leader || redirects === MAX_REDIRECTS) throw refusedRedirect(answer);
      answer = await sendBy(leader);
    }
    return answer;
  }

  /** Sends a request with a streamed answer, which a follower answers itself. @throws EtcdError */
  async stream(request: HttpRequest, failureOf: (answer: HttpAnswer) => EtcdError): Promise<StreamedAnswer> {
    const clusterOf = (endpoint: string) => clusterOfMember(this.#http, endpoint);
    return await this.#http.stream({ ...request, clusterOf }, (answer) =>
      isRedirect(answer) ? refusedRedirect(answer) : failureOf(answer),
    );
  }

  /** Closes the clients opened for leaders, but not the one that was passed in. */
  close(): void {
    for (const leader of this.#leaders.values()) leader.close();
  }

  async #leaderOf(answer: HttpAnswer, request: HttpRequest): Promise<HttpClient | undefined> {
    const location = locationOf(answer);
    if (answer.status !== TEMPORARY_REDIRECT || location === undefined) return undefined;
    // Any other path would be another key, such as the normalized one in etcd's 301 redirects.
    if (location.href !== new URL(request.path, location.origin).href) return undefined;
    if (!(await this.#isTrusted(location.origin, answer, request))) return undefined;
    const known = this.#leaders.get(location.origin);
    if (known) return known;
    const settings = { ...this.#settings, endpoints: [location.origin] };
    const leader = new HttpClient(settings, new Endpoints(settings, this.#cluster));
    this.#leaders.set(location.origin, leader);
    return leader;
  }

  async #isTrusted(origin: string, answer: HttpAnswer, { headers, signal }: HttpRequest): Promise<boolean> {
    if (this.#settings.endpoints.some((endpoint) => new URL(endpoint).origin === origin)) return true;
    // A member that the settings do not name gets no less protection than the endpoint that points to it, and no
    // password in plain text: the user allowed that only for the endpoint.
    const isClear = origin.startsWith('http:');
    if (isClear && (headers?.['authorization'] !== undefined || answer.endpoint.startsWith('https:'))) return false;
    if (this.#settings.mayUse?.(origin) === false) return false;
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
