import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { Tunnel } from './dialing.ts';
import { isUnexposed } from './exposure.ts';
import { OneCluster } from './oneCluster.ts';
import { whenShaken, type Handshake } from './handshake.ts';
import { isNotHttp, networkError, type TimeLimits } from './networkErrors.ts';
import { speaksTls, speaksPlainHttp } from './schemeProbe.ts';
import { serverCertificates } from './serverCertificate.ts';
import { tlsError } from './tlsErrors.ts';
import { clientLeaf, type TlsIdentity } from './tlsIdentity.ts';

// See docs/contributing/decisions/endpoints.md

export interface HttpSettings {
  /** Origins such as `https://host:2379`; at least one. */
  readonly endpoints: readonly string[];
  readonly tls: TlsIdentity;
  readonly limits: TimeLimits;
  readonly log?: (entry: RequestLogEntry) => void;
  /** The way to all of them; by default the network's. */
  readonly tunnel?: Tunnel | undefined;
  /**
   * Whether the user has allowed an origin that the cluster names and the settings do not; by default, origins that
   * nobody can listen in on.
   */
  readonly mayUse?: ((origin: string) => boolean) | undefined;
  /** Attempts at an endpoint for one request; `MAX_ROUNDS` by default. */
  readonly maxRounds?: number;
}

/** What may be logged about a request: never a body or a header. */
export interface RequestLogEntry {
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly milliseconds: number;
  readonly status?: number;
  readonly bytes?: number;
  readonly error?: string;
}

/** The parts of a request that decide where it may go, and that are logged. */
export interface RequestTarget {
  readonly method: string;
  /** Begins with a slash. */
  readonly path: string;
  /** May be sent again if its fate is unknown. */
  readonly repeatable: boolean;
  /** Milliseconds for all attempts together; by default a request's usual time. */
  readonly within?: number | undefined;
  /** Something else notices a connection that stays silent. */
  readonly isWatchedOver?: boolean;
  /**
   * Asks an endpoint for its cluster with a request that changes nothing. Called before anything that changes
   * something, and before a stream, is sent to an endpoint that is not known to belong to this cluster.
   */
  readonly clusterOf?: ((endpoint: string) => Promise<string | undefined>) | undefined;
}

/** An answer of any kind; `error` is logged with it. */
export interface Answered {
  readonly status: number;
  readonly bytes: number;
  readonly error?: string;
  /** The cluster that has answered, if the answer says so. */
  readonly cluster?: string | undefined;
}

/** How to interpret an endpoint's answers. */
export interface Judge<A> {
  /**
   * Returns why an answer is a failure; undefined if it is not. After a "not me, not now" the next endpoint is asked.
   */
  failureOf(answer: A): EtcdError | undefined;
  /** Returns the cluster that an answer names, in hexadecimal digits. */
  clusterOf?(answer: A): string | undefined;
}

/**
 * Returns what is logged about an answer, and the cluster that it names.
 * @throws EtcdError if another endpoint may answer
 */
export function judged<A>(
  answer: A,
  judge: Judge<A> | undefined,
): { readonly error?: string; readonly cluster?: string | undefined } {
  const failure = judge?.failureOf(answer);
  if (failure && ELSEWHERE.has(failure.kind)) throw failure;
  return failure ? { error: failure.kind } : { cluster: judge?.clusterOf?.(answer) };
}

/** Sends a request to one endpoint, with the time limits of this attempt. */
export type Try<A extends Answered> = (endpoint: string, limits: TimeLimits) => Promise<A>;

/** Attempts at an endpoint for one request, and the pause between them in milliseconds. */
const MAX_ROUNDS = 3;
const PAUSE = 100;

/** Failures of a connection that another connection may not have. */
const PASSING: ReadonlySet<EtcdErrorKind> = new Set(['connectionLost', 'timedOut', 'tlsFailed', 'notEtcd']);

/** Answers of members while they elect a leader, and the longest time that an election takes, in milliseconds. */
const ELECTING: ReadonlySet<EtcdErrorKind> = new Set(['noLeader', 'unavailable']);
const MAX_ELECTION = 6000;

/** "Not me, not now": another member may answer. */
const ELSEWHERE: ReadonlySet<EtcdErrorKind> = new Set(['noLeader', 'unavailable', 'notEtcd', 'futureRevision']);

const CERTIFICATE_FAILURES: ReadonlySet<EtcdErrorKind> = new Set([
  'unknownAuthority',
  'wrongHostName',
  'certificateExpired',
  'clientCertificateRefused',
  'pinMismatch',
]);

/** Failures about a certificate that the user may decide to trust. */
const TRUSTABLE: ReadonlySet<EtcdErrorKind> = new Set(['unknownAuthority', 'pinMismatch', 'wrongHostName']);

/** The endpoints of one connection and which of them is in use, whatever protocols they speak. */
export class Endpoints {
  readonly #settings: HttpSettings;
  #all: readonly string[];
  #unused: readonly string[] = [];
  /** Index of the endpoint that answered last. */
  #preferred = 0;
  readonly #handshakes = new Map<string, Handshake>();
  readonly #cluster: OneCluster;
  readonly #followed = new WeakSet<Socket>();
  /** Endpoints that have answered at least once. */
  readonly #answered = new Set<string>();

  constructor(settings: HttpSettings, cluster = new OneCluster()) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#all = settings.endpoints;
  }

  /** The endpoint that answered last. */
  get current(): string {
    return this.#all[this.#preferred] ?? '';
  }

  /** Endpoints of the settings and learned ones. */
  get all(): readonly string[] {
    return this.#all;
  }

  /** Time limits of each request. */
  get limits(): TimeLimits {
    return this.#settings.limits;
  }

  /** Checks the cluster that an endpoint names. @throws EtcdError `otherCluster` */
  checkCluster(endpoint: string, cluster: string): void {
    this.#cluster.check(endpoint, cluster);
  }

  /** The latest handshake with the endpoint that answered last; undefined without TLS. */
  get handshake(): Handshake | undefined {
    return this.#handshakes.get(this.current);
  }

  /**
   * Records the certificates of a connection to the endpoint, whatever protocol it carries, and its end. May be called
   * again with the same socket.
   */
  follow({ origin }: URL, socket: Socket): void {
    whenShaken(socket, (handshake) => this.#handshakes.set(origin, handshake));
    if (this.#followed.has(socket)) return;
    this.#followed.add(socket);
    socket.once('close', () => this.ended(origin));
  }

  /** Call when the next request to the endpoint needs a new connection: a server of another cluster may accept it. */
  ended(origin: string): void {
    this.#cluster.doubt(origin);
  }

  /**
   * Announced endpoints that are not used, because the user has not allowed them or they are less protected than the
   * others.
   */
  get unused(): readonly string[] {
    return this.#unused;
  }

  /**
   * Adds the endpoints that members announce, if they are as well protected as those of the settings and the user has
   * allowed them.
   */
  learn(urls: readonly string[]): void {
    const { endpoints } = this.#settings;
    const announced = new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin));
    const added = [...announced].filter((origin) => !endpoints.includes(origin));
    const usable = added.filter((origin) => this.mayUse(origin));
    this.#all = [...endpoints, ...usable];
    this.#unused = added.filter((origin) => !usable.includes(origin));
  }

  /**
   * Whether an announced origin may be contacted: it is as well protected as the settings', and the user has allowed
   * it.
   */
  mayUse(origin: string): boolean {
    const { endpoints, mayUse = isUnexposed } = this.#settings;
    const { protocol } = new URL(origin);
    return endpoints.some((endpoint) => new URL(endpoint).protocol === protocol) && mayUse(origin);
  }

  /** Returns the same settings for one endpoint alone, which is asked once. Its answers must be from this cluster. */
  only(endpoint: string, limits = this.#settings.limits): { settings: HttpSettings; endpoints: Endpoints } {
    const settings = { ...this.#settings, endpoints: [endpoint], limits, maxRounds: 1 };
    return { settings, endpoints: new Endpoints(settings, this.#cluster) };
  }

  /**
   * Sends a request to the endpoint that answered last, and then to the next ones or over another connection, as long
   * as that is safe and the request's time limit is not over. An answer of another cluster counts as a failure.
   * @throws EtcdError of the network's kinds
   */
  async send<A extends Answered>(target: RequestTarget, once: Try<A>): Promise<A> {
    const endpoints = this.#all;
    // Each request makes its own round, so that simultaneous failures skip no endpoint.
    const first = this.#preferred;
    const order = endpoints.map((_, index) => (first + index) % endpoints.length);
    const failures = new Map<string, EtcdError>();
    const { response, connect } = this.#settings.limits;
    const over = performance.now() + (target.within ?? Math.max(response, connect));
    const { maxRounds = MAX_ROUNDS } = this.#settings;
    const elected = maxRounds < MAX_ROUNDS ? 0 : Math.min(over, performance.now() + MAX_ELECTION);
    let round = order;
    for (let rounds = 1; round.length > 0; rounds++) {
      for (const [at, index] of round.entries()) {
        const endpoint = endpoints[index] ?? '';
        const left = over - performance.now();
        if (failures.size > 0 && left <= 0) throw await this.#allFailed(failures);
        try {
          const limits = this.#limitsOf(target, endpoint, left, round.length - at - 1);
          const answer = await this.#tryOnce(endpoint, target, limits, once);
          this.#preferred = index;
          this.#answered.add(endpoint);
          return answer;
        } catch (error) {
          if (!EtcdError.is(error)) throw error;
          failures.set(endpoint, error);
          if (!mayGoOn(target, error)) throw await this.#explain(error, new URL(endpoint));
        }
      }
      const mayPass = (index: number) =>
        this.#mayPass(endpoints[index] ?? '', failures, { rounds, hasRounds: rounds < maxRounds, elected });
      round = order.filter(mayPass);
      if (rounds > 1) await delay(PAUSE);
    }
    throw await this.#allFailed(failures);
  }

  /**
   * Returns the time limits of an attempt. It leaves time for the remaining endpoints, and for another connection if
   * only time reveals a silent one; a write may take all the time.
   */
  #limitsOf(
    { repeatable, isWatchedOver, within }: RequestTarget,
    endpoint: string,
    left: number,
    others: number,
  ): TimeLimits {
    const { limits } = this.#settings;
    if (!repeatable) return limits;
    const connect = Math.min(limits.connect, Math.max(left, 1));
    const mayTryAgain = !isWatchedOver && this.#answered.has(endpoint) && left > (within ?? limits.response) / 2;
    const shares = others + (mayTryAgain ? 2 : 1);
    const share = shares === 1 ? Math.max(left, 1) : Math.min(limits.connect, left / shares);
    return { connect, response: Math.min(limits.response, share) };
  }

  #mayPass(
    endpoint: string,
    failures: ReadonlyMap<string, EtcdError>,
    { rounds, hasRounds, elected }: { readonly rounds: number; readonly hasRounds: boolean; readonly elected: number },
  ): boolean {
    const failure = failures.get(endpoint);
    if (!failure) return false;
    // Includes members that were never asked before, because any of them may win the election.
    if (ELECTING.has(failure.kind)) return this.#answered.size > 0 && performance.now() < elected;
    if (!hasRounds || !PASSING.has(failure.kind)) return false;
    // A kept connection that the server has closed meanwhile fails like this.
    return this.#answered.has(endpoint) || (rounds === 1 && failure.kind === 'connectionLost');
  }

  async #tryOnce<A extends Answered>(
    endpoint: string,
    target: RequestTarget,
    limits: TimeLimits,
    once: Try<A>,
  ): Promise<A> {
    const { clusterOf } = target;
    await this.#settings.tunnel?.open(endpoint);
    try {
      if (clusterOf && this.#cluster.isUncertainOf(endpoint)) {
        const cluster = await clusterOf(endpoint).catch((error: unknown): never => {
          throw EtcdError.notCarriedOut(error);
        });
        this.#cluster.check(endpoint, cluster);
      }
      const answer = await this.#logged(endpoint, target, limits, once);
      this.#cluster.check(endpoint, answer.cluster, !target.repeatable);
      return answer;
    } catch (error) {
      this.#cluster.doubt(endpoint);
      throw error;
    }
  }

  async #logged<A extends Answered>(
    endpoint: string,
    { method, path }: RequestTarget,
    limits: TimeLimits,
    once: Try<A>,
  ): Promise<A> {
    const { log, tunnel } = this.#settings;
    const started = performance.now();
    const entry = () => ({ method, path, endpoint, milliseconds: performance.now() - started });
    try {
      const answer = await once(endpoint, limits);
      const { status, bytes, error } = answer;
      log?.({ ...entry(), status, bytes, ...(error !== undefined && { error }) });
      return answer;
    } catch (thrown) {
      const failure = networkError(thrown, new URL(endpoint), limits);
      const error = (await tunnel?.explain(endpoint, failure)) ?? failure;
      log?.({ ...entry(), error: error.kind });
      throw error;
    }
  }

  /**
   * Examines a failure that its error alone does not explain: reads the certificate, and finds out whether the server
   * speaks http or https.
   */
  async #explain(error: EtcdError, url: URL): Promise<EtcdError> {
    const { kind } = error;
    if (CERTIFICATE_FAILURES.has(kind)) return await this.#explainCertificate(error, url);
    if (kind !== 'connectionLost' && kind !== 'tlsFailed' && !isNotHttp(error.cause)) return error;
    if (this.#answered.has(url.origin)) return error;
    const { tunnel, limits } = this.#settings;
    const limit = Math.min(limits.connect, 2000);
    if (url.protocol === 'http:' && (await speaksTls(url, limit, tunnel)))
      return new EtcdError('plainToTls', l10n.t('{0} speaks TLS. Write the endpoint as https://{0}.', url.host), {
        cause: error,
        notCarriedOut: error.notCarriedOut,
      });
    if (url.protocol === 'https:' && (await speaksPlainHttp(url, limit, tunnel)))
      return new EtcdError(
        'tlsToPlain',
        l10n.t('{0} speaks http without TLS. Write the endpoint as http://{0}.', url.host),
        { cause: error, notCarriedOut: error.notCarriedOut },
      );
    return kind === 'tlsFailed' ? await this.#explainCertificate(error, url) : error;
  }

  async #explainCertificate(error: EtcdError, url: URL): Promise<EtcdError> {
    if (url.protocol !== 'https:') return error;
    const { tls: identity, limits, tunnel } = this.#settings;
    const shown = await serverCertificates(url, identity.serverName, limits.connect, tunnel);
    const rejected = shown && { endpoint: url.origin, shown };
    const client = clientLeaf(identity) ?? this.#handshakes.get(url.origin)?.client;
    const { cause, notCarriedOut } = error;
    const { kind, message } = tlsError(cause, url, { identity, shown, client }) ?? error;
    return new EtcdError(kind, message, { cause, notCarriedOut, rejected });
  }

  async #allFailed(failures: ReadonlyMap<string, EtcdError>): Promise<EtcdError> {
    return allFailed(
      await Promise.all([...failures].map(([endpoint, error]) => this.#explain(error, new URL(endpoint)))),
    );
  }
}

/** Whether a request may be sent again: if that is harmless, or if it was not sent or was refused. */
function mayGoOn({ repeatable }: RequestTarget, error: EtcdError): boolean {
  return error.kind !== 'cancelled' && (repeatable || error.notCarriedOut);
}

function allFailed(failures: readonly EtcdError[]): EtcdError {
  // A certificate that the user may trust comes first, because the user can act on it.
  const first = failures.find(({ kind }) => TRUSTABLE.has(kind)) ?? failures[0];
  if (first === undefined)
    return new EtcdError('configuration', l10n.t('This connection has no endpoint.'), { notCarriedOut: true });
  if (failures.length === 1) return first;
  const reasons = [...new Set(failures.map((failure) => failure.message))].join(' ');
  return new EtcdError(first.kind, l10n.t('None of the {0} endpoints can be used. {1}', failures.length, reasons), {
    cause: new AggregateError(failures),
    rejected: first.rejected,
    notCarriedOut: failures.every((failure) => failure.notCarriedOut),
  });
}
