import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { bareHost } from './bareHost.ts';
import { unknownFields } from '../unknownFields.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { isPinned, pinMismatch, type TlsIdentity } from './tlsIdentity.ts';

/** Large answers must not wait for a round trip each 64 KB, Node's default. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const SESSION_MEMORY_MEGABYTES = 64;
const GRACE_MILLISECONDS = 200;
/** etcd ends sessions that ping more often than each 5 s, or while no call is under way. */
const PING_MILLISECONDS = 10_000;

interface Entry {
  readonly session: Promise<ClientHttp2Session>;
  calls: number;
  /** While calls are under way. */
  pings?: NodeJS.Timeout | undefined;
  /** While a ping is not answered. */
  deadline?: NodeJS.Timeout | undefined;
}

/** The HTTP/2 sessions of one connection, one for each endpoint in use. */
export class Http2Sessions {
  readonly #tls: TlsIdentity;
  readonly #limits: TimeLimits;
  readonly #opened: (endpoint: URL, socket: Socket) => void;
  readonly #pingInterval: number;
  readonly #entries = new Map<string, Entry>();
  /** Also those that take no more calls but still finish some. */
  readonly #living = new Set<{ destroy(): void }>();
  #closed = false;

  /** @param opened is told of each socket that a session is opened on */
  constructor(
    tls: TlsIdentity,
    limits: TimeLimits,
    opened: (endpoint: URL, socket: Socket) => void = () => undefined,
    pingInterval = PING_MILLISECONDS,
  ) {
    this.#tls = tls;
    this.#limits = limits;
    this.#opened = opened;
    this.#pingInterval = pingInterval;
  }

  /**
   * Runs a call on the endpoint's session, which is opened where there is none that takes calls.
   * @throws EtcdError `notEtcd` where the endpoint does not speak HTTP/2, and the network's kinds, not carried out, when no
   * session can be opened; whatever `call` throws
   */
  async use<T>(endpoint: URL, signal: AbortSignal, call: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(endpoint.origin) ?? this.#open(endpoint);
    const session = await unlessAborted(entry.session, signal);
    if (entry.calls++ === 0) this.#keepAlive(session, entry);
    const over = new AbortController();
    try {
      return await Promise.race([call(session), endOf(session, over.signal)]);
    } finally {
      over.abort();
      if (--entry.calls === 0) clearInterval(entry.pings);
    }
  }

  close(): void {
    this.#closed = true;
    for (const living of this.#living) living.destroy();
  }

  #open(endpoint: URL): Entry {
    const entry: Entry = { session: this.#connect(endpoint), calls: 0 };
    this.#entries.set(endpoint.origin, entry);
    const forget = () => {
      if (this.#entries.get(endpoint.origin) === entry) this.#entries.delete(endpoint.origin);
    };
    entry.session.then((session) => {
      for (const event of ['goaway', 'error', 'close']) session.on(event, forget);
      if (session.closed) forget();
      session.once('close', () => {
        clearInterval(entry.pings);
        clearTimeout(entry.deadline);
      });
    }, forget);
    return entry;
  }

  async #connect(endpoint: URL): Promise<ClientHttp2Session> {
    try {
      const socket = await this.#openSocket(endpoint);
      this.#opened(endpoint, socket);
      const session = connectHttp2(endpoint.origin, {
        createConnection: () => socket,
        settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
        maxSessionMemory: SESSION_MEMORY_MEGABYTES,
      });
      this.#track(session);
      // Each call under way listens.
      session.setMaxListeners(0);
      // What follows the handshake tells whether HTTP/2 is spoken, and whether a client certificate was accepted.
      await Promise.race([happens(session, 'remoteSettings', this.#limits.connect), socketFailure(socket)]);
      session.setLocalWindowSize(WINDOW_BYTES);
      return session;
    } catch (thrown) {
      throw openingError(thrown, endpoint, this.#limits);
    }
  }

  async #openSocket(endpoint: URL): Promise<Socket> {
    const host = bareHost(endpoint);
    const secure = endpoint.protocol === 'https:';
    const port = Number(endpoint.port || (secure ? 443 : 80));
    if (!secure) {
      const socket = connectTcp({ host, port, noDelay: true });
      this.#track(socket);
      await happens(socket, 'connect', this.#limits.connect);
      return socket;
    }
    const socket = connectTls({ host, port, ...tlsOptions(this.#tls, host) });
    this.#track(socket);
    await happens(socket, 'connect', this.#limits.connect);
    socket.setNoDelay(true);
    await happens(socket, 'secureConnect', this.#limits.connect);
    checkPins(socket, this.#tls, endpoint.host);
    if (socket.alpnProtocol === 'h2') return socket;
    socket.destroy();
    throw notHttp2(endpoint.host);
  }

  #track(living: Socket | ClientHttp2Session): void {
    this.#living.add(living);
    living.once('close', () => this.#living.delete(living));
    // Those who wait for it are told by their own promises.
    living.on('error', () => undefined);
    if (this.#closed) living.destroy();
  }

  /** Without it, a peer that is gone without a word is noticed only by each call's time limit. */
  #keepAlive(session: ClientHttp2Session, entry: Entry): void {
    entry.pings = setInterval(() => {
      if (entry.deadline !== undefined || session.destroyed) return;
      const lost = () => session.destroy(failure('ECONNRESET', 'no answer to a ping'));
      entry.deadline = setTimeout(lost, this.#limits.connect);
      session.ping(() => {
        clearTimeout(entry.deadline);
        entry.deadline = undefined;
      });
    }, this.#pingInterval);
  }
}

/** A pin alone is all that a certificate must fulfil; beside authorities it is one more thing. */
function tlsOptions(
  { certificateAuthorities, serverName, pins, client }: TlsIdentity,
  host: string,
): ConnectionOptions {
  const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: !pins || certificateAuthorities !== undefined,
    ...(servername !== undefined && { servername }),
    ...(certificateAuthorities && { ca: [...certificateAuthorities] }),
    ...(pins && { allowPartialTrustChain: true, checkServerIdentity: () => undefined }),
    ...(client && ('pfx' in client ? { pfx: Buffer.from(client.pfx) } : { cert: client.certificate, key: client.key })),
    ...(client?.passphrase !== undefined && { passphrase: client.passphrase }),
  };
}

function checkPins(socket: TLSSocket, { pins }: TlsIdentity, host: string): void {
  if (!pins) return;
  const certificate = socket.getPeerX509Certificate();
  if (certificate && isPinned(pins, certificate)) return;
  socket.destroy();
  throw pinMismatch(host);
}

interface Emitter {
  once(event: string, listener: (value?: unknown) => void): unknown;
}

/** Waits for an event for so many milliseconds. @throws what the emitter's `error` says, or a failure with Node's code */
async function happens(emitter: Emitter, event: string, limit: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(failure('ETIMEDOUT', `no ${event} in time`, { event })), limit);
  emitter.once(event, () => resolve());
  emitter.once('error', reject);
  emitter.once('close', () => reject(failure('ECONNRESET', `closed before ${event}`)));
  await promise.finally(() => clearTimeout(timer));
}

/** A request whose body was still being sent may hear nothing of its session's end, and would wait for ever. */
async function endOf(session: ClientHttp2Session, over: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const close = () => {
    // What the request itself says of it comes first.
    grace = setTimeout(() => reject(failure('ECONNRESET', 'the session ended')), GRACE_MILLISECONDS);
  };
  if (session.closed && session.destroyed) close();
  session.on('close', close);
  over.addEventListener('abort', () => {
    clearTimeout(grace);
    session.off('close', close);
  });
  return await promise;
}

/** The session hears nothing of a socket that failed just before it took it over. */
async function socketFailure(socket: Socket): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (socket.errored) reject(socket.errored);
  socket.once('error', reject);
  return await promise;
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(failure('ERR_ABORTED', 'aborted'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

function failure(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

/** Nothing of a request was sent before there was a session. */
function openingError(thrown: unknown, endpoint: URL, limits: TimeLimits): EtcdError {
  const { code } = unknownFields(thrown);
  if (typeof code === 'string' && code.startsWith('ERR_HTTP2')) return notHttp2(endpoint.host, thrown);
  const error = networkError(thrown, endpoint, limits);
  return error.notCarriedOut
    ? error
    : new EtcdError(error.kind, error.message, { cause: error.cause, notCarriedOut: true });
}

function notHttp2(host: string, cause?: unknown): EtcdError {
  return new EtcdError(
    'notEtcd',
    l10n.t('{0} does not speak HTTP/2, which gRPC needs. Set "transport" to "gateway" or "auto".', host),
    { cause, notCarriedOut: true },
  );
}
