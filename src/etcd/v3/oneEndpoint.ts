import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Endpoints } from '../http/endpoints.ts';
import type { Handshake } from '../http/handshake.ts';
import { Http2Client } from '../http/http2Client.ts';
import { HttpClient, type HttpAnswer } from '../http/httpClient.ts';
import type { TimeLimits } from '../http/networkErrors.ts';
import { denyingAllButRoot } from './rootOnly.ts';
import type { Session } from './session.ts';
import type { TransportName } from './signedInSession.ts';
import { GatewayTransport } from './transport/gatewayTransport.ts';
import { GrpcTransport } from './transport/grpcTransport.ts';
import type { CallOptions, Transport } from './transport/transport.ts';

export interface EndpointSettings {
  readonly session: Session;
  /** Endpoints of the connection. */
  readonly endpoints: Endpoints;
  readonly transport: TransportName;
  /** See GatewayTransport. */
  readonly apiVersion: string;
  /** See V3Settings. */
  readonly metricsOrigins?: readonly string[] | undefined;
}

/**
 * Calls exactly one endpoint, as the signed-in user, because the calls concern the member that is asked. No other
 * endpoint is asked instead, and nothing is sent twice.
 */
export class OneEndpoint {
  readonly origin: string;
  readonly #session: Session;
  readonly #endpoints: Endpoints;
  readonly #http: HttpClient;
  readonly #http2: Http2Client;
  readonly #transport: Transport;

  /** @param limits of each request; by default those of the connection */
  constructor(origin: string, { session, endpoints, transport, apiVersion }: EndpointSettings, limits?: TimeLimits) {
    const only = endpoints.only(origin, limits);
    this.origin = origin;
    this.#session = session;
    this.#endpoints = only.endpoints;
    this.#http = new HttpClient(only.settings, only.endpoints);
    this.#http2 = new Http2Client(only.settings, only.endpoints);
    this.#transport =
      transport === 'grpc' ? new GrpcTransport(this.#http2) : new GatewayTransport(this.#http, apiVersion);
  }

  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: Omit<CallOptions, 'token'>,
  ): Promise<MessageShape<O>> {
    const send = (token: string | undefined) => this.#transport.unary(method, request, { ...options, token });
    return await this.#session.signedIn(send).catch(denyingAllButRoot(method));
  }

  /** See `Transport.stream`. */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options: Omit<CallOptions, 'token'>,
  ): AsyncGenerator<MessageShape<O>> {
    // The first message shows whether the token is accepted.
    const begin = async (token: string | undefined) => {
      const begun = this.#transport.stream(method, request, { ...options, token })[Symbol.asyncIterator]();
      return { first: await begun.next(), messages: begun };
    };
    const { first, messages } = await this.#session.signedIn(begin).catch(denyingAllButRoot(method));
    try {
      for (let next = first; !next.done; next = await messages.next()) yield next.value;
    } finally {
      await messages.return?.();
    }
  }

  /** Reads what it serves at a path outside of v3's API, without a sign-in. @throws EtcdError */
  async read(path: string, maxBytes: number, signal?: AbortSignal): Promise<HttpAnswer> {
    return await this.#http.send({ method: 'GET', path, repeatable: true, maxBytes, signal });
  }

  /** The certificates that it has shown; undefined without TLS. */
  get handshake(): Handshake | undefined {
    return this.#endpoints.handshake;
  }

  /** Aborts requests under way. */
  close(): void {
    this.#http.close();
    this.#http2.close();
  }
}
