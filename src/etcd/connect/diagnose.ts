import { unlessAborted } from '../cancelled.ts';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import { bareHost } from '../http/bareHost.ts';
import type { Tunnel } from '../http/dialing.ts';
import { isUnexposed } from '../http/exposure.ts';
import { HttpClient, type HttpSettings } from '../http/httpClient.ts';
import { isPeerPort, peerPortSentence } from '../http/peerPort.ts';
import { isProxied } from '../http/proxies.ts';
import { networkError } from '../http/networkErrors.ts';
import { serverCertificates } from '../http/serverCertificate.ts';
import { isPinned } from '../http/certificatePins.ts';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from './connect.ts';
import { clockFact, memberFact, transportsFact, versionFact } from './serverFacts.ts';
import type { Credentials } from '../http/etcdConnection.ts';

export interface DiagnosisStep {
  readonly endpoint: string;
  readonly name: string;
  readonly outcome: 'ok' | 'failed';
  /** The finding, or a sentence that says what to change; never contains a secret. */
  readonly detail: string;
  /** Kind of the failure. */
  readonly kind?: EtcdErrorKind;
  readonly milliseconds: number;
}

/** Number of small requests whose median is the round-trip time. */
const ROUND_TRIPS = 5;
/** A key that is unlikely to exist in v3 or v2: reading it shows at no cost whether reading is allowed. */
const NO_KEY = new TextEncoder().encode('/_');

/**
 * Tries each endpoint by itself, step by step up to the first failure to connect. Reads only a key that does not exist.
 * @throws EtcdError `cancelled` as soon as the signal aborts
 */
export async function* diagnose(
  settings: EtcdSettings,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep> {
  for (const endpoint of settings.endpoints) {
    const attempt = new Attempt(settings, endpoint, credentials, signal);
    try {
      for await (const { name, run } of attempt.all()) {
        const step = await unlessAborted(timed(endpoint, name, run), signal);
        yield step;
        // Other steps still make sense where a user may not read.
        if (step.outcome === 'failed' && step.kind !== 'permissionDenied') break;
      }
    } finally {
      attempt.close();
    }
  }
}

interface PlannedStep {
  readonly name: string;
  readonly run: () => Promise<string>;
}

/** The steps for one endpoint, over one connection. */
class Attempt {
  readonly #settings: EtcdSettings;
  readonly #url: URL;
  readonly #credentials: Credentials | undefined;
  readonly #signal: AbortSignal;
  #connection: OpenEtcd | undefined;

  constructor(settings: EtcdSettings, endpoint: string, credentials: Credentials | undefined, signal: AbortSignal) {
    // The endpoint under test announces the other endpoints of the settings.
    const mayUse = (origin: string) => settings.endpoints.includes(origin) || (settings.mayUse ?? isUnexposed)(origin);
    this.#settings = { ...settings, endpoints: [endpoint], mayUse };
    this.#url = new URL(endpoint);
    this.#credentials = credentials;
    this.#signal = signal;
  }

  /** Yields the steps of connecting, then further facts about the server. */
  async *all(): AsyncGenerator<PlannedStep> {
    yield* await unlessAborted(this.#steps(), this.#signal);
    yield* await unlessAborted(this.#facts(), this.#signal);
  }

  async #steps(): Promise<PlannedStep[]> {
    const settings = this.#settings;
    const url = this.#url;
    const { tunnel, limits } = settings;
    const proxied = !tunnel && settings.transport !== 'grpc' && (await isProxied(url, limits.connect));
    const network = proxied
      ? [
          {
            name: l10n.t('Route'),
            run: () => Promise.resolve(l10n.t('through the proxy of VS Code, which looks up the name')),
          },
        ]
      : [
          { name: l10n.t('Name look-up'), run: () => lookUp(url, settings) },
          { name: l10n.t('TCP connection'), run: () => reach(url, settings) },
        ];
    const way = tunnel ? [{ name: l10n.t('Tunnel'), run: () => openTunnel(url, tunnel) }] : network;
    const certificate = { name: l10n.t('Certificate shown'), run: () => showCertificates(url, settings) };
    return [
      ...way,
      ...(url.protocol === 'https:' ? [certificate] : []),
      { name: l10n.t('etcd, TLS and sign-in'), run: () => this.#signIn() },
      ...(settings.sync ? [{ name: l10n.t('Addresses of the members'), run: () => this.#members() }] : []),
      { name: l10n.t('Permission to read, round trip'), run: () => this.#read() },
    ];
  }

  async #facts(): Promise<PlannedStep[]> {
    const connection = await this.#connected();
    const signal = this.#signal;
    const question = { settings: this.#settings, credentials: this.#credentials, connection, signal };
    const cluster = await connection.cluster?.();
    return [
      ...(cluster ? [{ name: l10n.t('Answering member'), run: () => memberFact(cluster, signal) }] : []),
      { name: l10n.t('Published faults of this version'), run: async () => versionFact(connection.serverVersion) },
      { name: l10n.t('Clock'), run: () => clockFact(question) },
      ...(cluster ? [{ name: l10n.t('Transports and metrics'), run: () => transportsFact(question) }] : []),
    ];
  }

  close(): void {
    this.#connection?.close();
  }

  async #signIn(): Promise<string> {
    const { api, transport, serverVersion, membersAreHidden } = await this.#connected();
    const spoken =
      api === 'v2'
        ? l10n.t('v2 keys API')
        : transport === 'grpc'
          ? l10n.t('v3 API by gRPC')
          : l10n.t('v3 API through the JSON gateway');
    const user = this.#credentials ? l10n.t('signed in as {0}', this.#credentials.username) : l10n.t('not signed in');
    const facts = l10n.t('etcd {0}, {1}, {2}', serverVersion || l10n.t('of unknown version'), spoken, user);
    const hidden = l10n.t('this user may not list the members, so only the endpoints of the settings are used');
    const found = membersAreHidden ? `${facts}; ${hidden}` : facts;
    return (await this.#isPeerPort()) ? `${found}; ${peerPortSentence(this.#url.origin)}` : found;
  }

  /**
   * Whether the endpoint is a peer port. Peer ports serve clients by gRPC too, so a connection alone does not show it.
   */
  async #isPeerPort(): Promise<boolean> {
    const http = new HttpClient(this.#settings);
    try {
      return await isPeerPort(http, this.#signal);
    } finally {
      http.close();
    }
  }

  async #members(): Promise<string> {
    const { endpoints, unusedEndpoints } = await this.#connected();
    const used = l10n.t('used: {0}', (endpoints?.() ?? this.#settings.endpoints).join(', '));
    const unused = unusedEndpoints?.() ?? [];
    if (unused.length === 0) return used;
    const why = l10n.t(
      'not used, because you have not allowed them: {0}. Add them to "endpoints" to be asked.',
      unused.join(', '),
    );
    return [used, why].join('; ');
  }

  async #read(): Promise<string> {
    const { store } = await this.#connected();
    const signal = this.#signal;
    // A user with few rights may list what it may read, but may not read any other key.
    const { done } = await store.listChildren(new Uint8Array()).next(1, signal);
    const times: number[] = [];
    for (let round = 0; round < ROUND_TRIPS; round++) {
      const started = performance.now();
      await store.get(NO_KEY, { signal }).catch((error: unknown) => {
        if (!EtcdError.is(error, 'permissionDenied')) throw error;
      });
      times.push(performance.now() - started);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(ROUND_TRIPS / 2)] ?? 0;
    const what = done ? l10n.t('may read; few or no keys') : l10n.t('may read');
    return l10n.t('{0}; round trip {1} ms', what, median.toFixed(1));
  }

  async #connected(): Promise<OpenEtcd> {
    return (this.#connection ??= await connectEtcd(this.#settings, this.#credentials, this.#signal));
  }
}

async function timed(endpoint: string, name: string, run: () => Promise<string>): Promise<DiagnosisStep> {
  const started = performance.now();
  const step = { endpoint, name };
  try {
    const detail = await run();
    return { ...step, outcome: 'ok', detail, milliseconds: performance.now() - started };
  } catch (error) {
    if (!EtcdError.is(error)) throw error;
    return {
      ...step,
      outcome: 'failed',
      kind: error.kind,
      detail: error.message,
      milliseconds: performance.now() - started,
    };
  }
}

async function lookUp(url: URL, { limits }: HttpSettings): Promise<string> {
  try {
    const addresses = await lookup(bareHost(url), { all: true });
    return addresses.map(({ address }) => address).join(', ');
  } catch (error) {
    throw networkError(error, url, limits);
  }
}

/** Starts a tunnel unless it runs. */
async function openTunnel({ origin }: URL, tunnel: Tunnel): Promise<string> {
  await tunnel.open(origin);
  const { host, port } = tunnel.entrance(origin);
  return l10n.t('{0} runs, and forwards {1} from here', tunnel.name, `${host}:${port}`);
}

async function reach(url: URL, { limits }: HttpSettings): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const socket = connect({ host: bareHost(url), port, timeout: limits.connect });
  socket.on('connect', () => resolve(l10n.t('port {0} accepts connections', port)));
  socket.on('error', (error) => reject(networkError(error, url, limits)));
  socket.on('timeout', () => reject(networkError({ code: 'ETIMEDOUT', syscall: 'connect', message: '' }, url, limits)));
  return await promise.finally(() => socket.destroy());
}

async function showCertificates(url: URL, { tls, limits, tunnel }: HttpSettings): Promise<string> {
  const shown = await serverCertificates(url, tls.serverName, limits.connect, tunnel);
  // The next step finds out what is spoken instead of TLS.
  if (!shown) return l10n.t('no TLS handshake without a client certificate, or no TLS at all');
  const [leaf] = shown;
  const pin = tls.pins && (isPinned(tls.pins, leaf) ? l10n.t('it is pinned') : l10n.t('it is NOT the pinned one'));
  return [
    ...shown.map(({ subject }) => subject.replaceAll('\n', ', ')),
    l10n.t('names: {0}', leaf.subjectAltName ?? l10n.t('none')),
    l10n.t('valid until {0}', leaf.validTo),
    `SHA-256 ${leaf.fingerprint256}`,
    ...(pin ? [pin] : []),
  ].join('; ');
}
