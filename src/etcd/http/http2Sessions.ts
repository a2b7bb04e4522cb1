import { unlessAborted } from '../cancelled.ts';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { bareHost } from './bareHost.ts';
import { dialAddress, type Tunnel } from './dialing.ts';
import { unknownFields } from '../unknownFields.ts';
import { hasExpired, isNotYetValid } from './certificateFacts.ts';
import { peerCertificate } from './handshake.ts';
import { networkError, type TimeLimits } from './networkErrors.ts';
import { isPinned, pinMismatch } from './certificatePins.ts';
import { partialTrust, type TlsIdentity } from './tlsIdentity.ts';

// See docs/contributing/decisions/transports.md

/** Window size. With Node's default of 64 KB, large answers wait for a round trip per window. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const SESSION_MEMORY_MEGABYTES = 64;
/** Interval of pings. etcd closes sessions that ping more often than every 5 s, or while no call is under way. */
const PING_MILLISECONDS = 10_000;

interface Entry {
  readonly session: Promise<ClientHttp2Session>;
  calls: number;
  /** Set while calls are under way. */
  pings?: NodeJS.Timeout | undefined;
  /** Set while a ping is unanswered. */
  deadline?: NodeJS.Timeout | undefined;
}

/** Callbacks with which a client follows its sessions, and the way to their endpoints. */
interface SessionEvents {
  readonly tunnel?: Tunnel | undefined;
  /** Called with each socket on which a session is opened. */
  opened?(endpoint: URL, socket: Socket): void;
  /** Called when a session accepts no more calls, even if it still finishes some. */
  ended?(endpoint: URL): void;
}

/** The HTTP/2 sessions of one connection, one for each endpoint in use. */
export class Http2Sessions {
  readonly #tls: TlsIdentity;
  readonly #limits: TimeLimits;
  readonly #events: SessionEvents;
  readonly #pingInterval: number;
  readonly #entries = new Map<string, Entry>();
  /** All sessions, including those that accept no more calls but still finish some. */
  readonly #tracked = new Set<{ destroy(): void }>();
  #closed = false;

  constructor(tls: TlsIdentity, limits: TimeLimits, events: SessionEvents = {}, pingInterval = PING_MILLISECONDS) {
    this.#tls = tls;
    this.#limits = limits;
    this.#events = events;
    this.#pingInterval = pingInterval;
  }

  /**
   * Runs a call on the endpoint's session, and opens one if none accepts calls.
   * @throws EtcdError `notEtcd` if the endpoint does not speak HTTP/2; the network's kinds, not carried out, if no
   * session can be opened; whatever `call` throws
   */
  async use<T>(endpoint: URL, signal: AbortSignal, call: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
    const { entry, session } = await this.#usable(endpoint, signal);
    if (entry.calls++ === 0) this.#keepAlive(session, entry);
    try {
      return await call(session);
    } finally {
      if (--entry.calls === 0) clearInterval(entry.pings);
    }
  }

  close(): void {
    this.#closed = true;
    for (const living of this.#tracked) living.destroy();
  }

  /** Returns a session that accepts calls at this moment; the caller must use it before it awaits anything. */
  async #usable(endpoint: URL, signal: AbortSignal): Promise<{ entry: Entry; session: ClientHttp2Session }> {
    for (;;) {
      const entry = this.#entries.get(endpoint.origin) ?? this.#open(endpoint);
      const session = await unlessAborted(entry.session, signal);
      if (!session.closed && !session.destroyed) return { entry, session };
      this.#forget(endpoint, entry);
    }
  }

  #forget(endpoint: URL, entry: Entry): void {
    if (this.#entries.get(endpoint.origin) !== entry) return;
    this.#entries.delete(endpoint.origin);
    this.#events.ended?.(endpoint);
  }

  #open(endpoint: URL): Entry {
    const entry: Entry = { session: this.#connect(endpoint), calls: 0 };
    this.#entries.set(endpoint.origin, entry);
    const forget = () => this.#forget(endpoint, entry);
    entry.session.then((session) => {
      for (const event of ['goaway', 'error', 'close']) session.on(event, forget);
      session.once('close', () => {
        clearInterval(entry.pings);
        clearTimeout(entry.deadline);
      });
    }, forget);
    return entry;
  }

  async #connect(endpoint: URL): Promise<ClientHttp2Session> {
    const started = performance.now();
    try {
      const socket = await this.#openSocket(endpoint);
      this.#events.opened?.(endpoint, socket);
      const session = connectHttp2(endpoint.origin, {
        createConnection: () => socket,
        settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
        maxSessionMemory: SESSION_MEMORY_MEGABYTES,
      });
      this.#track(session);
      // Each call under way adds a listener.
      session.setMaxListeners(0);
      // Only what follows the handshake shows whether the server speaks HTTP/2 and has accepted the client certificate.
      await Promise.race([happens(session, 'remoteSettings', this.#limits.connect), socketFailure(socket)]);
      session.setLocalWindowSize(WINDOW_BYTES);
      return session;
    } catch (thrown) {
      throw openingError(thrown, endpoint, { ...this.#limits, connect: performance.now() - started });
    }
  }

  async #openSocket(endpoint: URL): Promise<Socket> {
    const host = bareHost(endpoint);
    const address = dialAddress(endpoint, this.#events.tunnel);
    if (endpoint.protocol === 'http:') {
      const socket = connectTcp({ ...address, noDelay: true });
      this.#track(socket);
      await happens(socket, 'connect', this.#limits.connect);
      return socket;
    }
    const socket = connectTls({ ...address, ...tlsOptions(this.#tls, host) });
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
    this.#tracked.add(living);
    living.once('close', () => this.#tracked.delete(living));
    // The code that waits for the session gets the error from a promise.
    living.on('error', () => undefined);
    if (this.#closed) living.destroy();
  }

  /** Sends pings. Without them, only each call's time limit reveals a peer that disappeared silently. */
  #keepAlive(session: ClientHttp2Session, entry: Entry): void {
    entry.pings = setInterval(() => {
      if (entry.deadline !== undefined || session.destroyed) return;
      let known = session.socket.bytesRead;
      const lost = () => {
        if (session.destroyed) return;
        // On a slow line, the answer to a ping waits behind other data.
        if (session.socket.bytesRead === known) return session.destroy(failure('ECONNRESET', 'no answer to a ping'));
        known = session.socket.bytesRead;
        entry.deadline?.refresh();
      };
      entry.deadline = setTimeout(lost, this.#limits.connect);
      session.ping(() => {
        clearTimeout(entry.deadline);
        entry.deadline = undefined;
      });
    }, this.#pingInterval);
  }
}

/** Returns the TLS options. With pins, `checkPins` decides alone. */
function tlsOptions(
  { certificateAuthorities, serverName, pins, client }: TlsIdentity,
  host: string,
): ConnectionOptions {
  const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
  return {
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: !pins,
    // A tunnel begins at another address than the endpoint's.
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName ?? host, certificate),
    ...(servername !== undefined && { servername }),
    ...(certificateAuthorities && { ca: [...certificateAuthorities] }),
    ...partialTrust(certificateAuthorities),
    ...(client && ('pfx' in client ? { pfx: Buffer.from(client.pfx) } : { cert: client.certificate, key: client.key })),
    ...(client?.passphrase !== undefined && { passphrase: client.passphrase }),
  };
}

function checkPins(socket: TLSSocket, { pins }: TlsIdentity, host: string): void {
  if (!pins) return;
  const certificate = peerCertificate(socket);
  const isKnown = certificate !== undefined && isPinned(pins, certificate);
  if (isKnown && !hasExpired(certificate) && !isNotYetValid(certificate)) return;
  socket.destroy();
  if (!isKnown) throw pinMismatch(host);
  throw failure(hasExpired(certificate) ? 'CERT_HAS_EXPIRED' : 'CERT_NOT_YET_VALID', 'the pinned certificate');
}

interface Opening {
  once(event: string, listener: (value?: unknown) => void): unknown;
  destroy(): unknown;
}

/**
 * Waits up to `limit` milliseconds for an event of a socket or a session. Destroys the emitter if the event does not
 * come, because no other code could close it yet.
 * @throws the error that the emitter reports, or a failure with Node's code
 */
async function happens(opening: Opening, event: string, limit: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(failure('ETIMEDOUT', `no ${event} in time`, { event })), limit);
  opening.once(event, () => resolve());
  opening.once('error', reject);
  opening.once('close', () => reject(failure('ECONNRESET', `closed before ${event}`)));
  try {
    await promise;
  } catch (error) {
    opening.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects if the socket fails just before the session takes it over, because the session does not report that. */
async function socketFailure(socket: Socket): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (socket.errored) reject(socket.errored);
  socket.once('error', reject);
  return await promise;
}

function failure(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

/** Marks a failure to open a session as not carried out: nothing of a request was sent before. */
function openingError(thrown: unknown, endpoint: URL, limits: TimeLimits): unknown {
  const { code } = unknownFields(thrown);
  if (typeof code === 'string' && code.startsWith('ERR_HTTP2')) return notHttp2(endpoint.host, thrown);
  return EtcdError.notCarriedOut(networkError(thrown, endpoint, limits));
}

function notHttp2(host: string, cause?: unknown): EtcdError {
  return new EtcdError(
    'notEtcd',
    l10n.t('{0} does not speak HTTP/2, which gRPC needs. Set "transport" to "gateway" or "auto".', host),
    { cause, notCarriedOut: true },
  );
}
