import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import { bareHost } from './http/bareHost.ts';
import type { HttpSettings } from './http/httpClient.ts';
import { isProxied } from './http/proxies.ts';
import { networkError } from './http/networkErrors.ts';
import { serverCertificates } from './http/serverCertificate.ts';
import { isPinned } from './http/tlsIdentity.ts';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from './connect.ts';
import type { Credentials } from './etcdConnection.ts';

export interface DiagnosisStep {
  readonly endpoint: string;
  readonly name: string;
  readonly outcome: 'ok' | 'failed';
  /** What was found, or the sentence that says what to change; never a secret. */
  readonly detail: string;
  readonly milliseconds: number;
}

/** Small requests whose median is told as the round-trip time. */
const ROUND_TRIPS = 5;
/** A key that hardly exists, in v3 or in v2: asking for it shows whether any reading is allowed, at no cost. */
const NO_KEY = new TextEncoder().encode('/_');

/** Tries each endpoint by itself, step by step up to the first that fails. Reads nothing but one key's absence. */
export async function* diagnose(
  settings: EtcdSettings,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep> {
  for (const endpoint of settings.endpoints) {
    const attempt = new Attempt(settings, endpoint, credentials, signal);
    try {
      for (const { name, run } of await attempt.steps()) {
        if (signal.aborted) return;
        const step = await timed(endpoint, name, run);
        yield step;
        if (step.outcome === 'failed') break;
      }
    } finally {
      attempt.close();
    }
  }
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<string>;
}

/** One endpoint's steps, over one connection. */
class Attempt {
  readonly #settings: EtcdSettings;
  readonly #url: URL;
  readonly #credentials: Credentials | undefined;
  readonly #signal: AbortSignal;
  #connection: OpenEtcd | undefined;

  constructor(settings: EtcdSettings, endpoint: string, credentials: Credentials | undefined, signal: AbortSignal) {
    this.#settings = { ...settings, endpoints: [endpoint] };
    this.#url = new URL(endpoint);
    this.#credentials = credentials;
    this.#signal = signal;
  }

  async steps(): Promise<Step[]> {
    const settings = this.#settings;
    const url = this.#url;
    const proxied = settings.transport !== 'grpc' && (await isProxied(url, settings.limits.connect));
    const way = proxied
      ? [
          {
            name: l10n.t('Way'),
            run: () => Promise.resolve(l10n.t('through the proxy of VS Code, which looks up the name')),
          },
        ]
      : [
          { name: l10n.t('Name look-up'), run: () => lookUp(url, settings) },
          { name: l10n.t('TCP connection'), run: () => reach(url, settings) },
        ];
    const certificate = { name: l10n.t('Certificate shown'), run: () => showCertificates(url, settings) };
    return [
      ...way,
      ...(url.protocol === 'https:' ? [certificate] : []),
      { name: l10n.t('etcd, TLS and sign-in'), run: () => this.#signIn() },
      { name: l10n.t('Permission to read, round trip'), run: () => this.#read() },
    ];
  }

  close(): void {
    this.#connection?.close();
  }

  async #signIn(): Promise<string> {
    const { api, transport, serverVersion } = await this.#connected();
    const spoken =
      api === 'v2'
        ? l10n.t('v2 keys API')
        : transport === 'grpc'
          ? l10n.t('v3 API by gRPC')
          : l10n.t('v3 API through the JSON gateway');
    const user = this.#credentials ? l10n.t('signed in as {0}', this.#credentials.username) : l10n.t('not signed in');
    return l10n.t('etcd {0}, {1}, {2}', serverVersion, spoken, user);
  }

  async #read(): Promise<string> {
    const { store } = await this.#connected();
    const signal = this.#signal;
    // A user of few rights may list what it may read, though not ask for any key.
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
    return { ...step, outcome: 'failed', detail: error.message, milliseconds: performance.now() - started };
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

async function reach(url: URL, { limits }: HttpSettings): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const socket = connect({ host: bareHost(url), port, timeout: limits.connect });
  socket.on('connect', () => resolve(l10n.t('port {0} accepts connections', port)));
  socket.on('error', (error) => reject(networkError(error, url, limits)));
  socket.on('timeout', () => reject(networkError({ code: 'ETIMEDOUT', syscall: 'connect', message: '' }, url, limits)));
  return await promise.finally(() => socket.destroy());
}

async function showCertificates(url: URL, { tls, limits }: HttpSettings): Promise<string> {
  const shown = await serverCertificates(url, tls.serverName, limits.connect);
  // What is spoken instead of TLS, the next step finds out.
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
