import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { EtcdError } from '../errors.ts';
import type { Credentials } from '../http/etcdConnection.ts';
import { OperationLimit } from './operationLimit.ts';
import { denyingAllButRoot } from './rootOnly.ts';
import type { RangeAnswer } from './transport/rangeRows.ts';
import { Auth, type RangeRequestSchema } from './transport/rpc_pb.js';
import type { CallOptions, Transport, WatchCall } from './transport/transport.ts';

/** Calls etcd as one user: signs in once, and again whenever etcd says that the token has expired. */
export class Session {
  readonly #transport: Transport;
  readonly #credentials: Credentials | undefined;
  readonly #certificateName: () => string | undefined;
  #token: Promise<string | undefined> | undefined;
  readonly operations = new OperationLimit();

  /** @param certificateName name in the client's certificate, which etcd uses as the user if no one signs in */
  constructor(
    transport: Transport,
    credentials: Credentials | undefined,
    certificateName: () => string | undefined = () => undefined,
  ) {
    this.#transport = transport;
    this.#certificateName = certificateName;
    this.#credentials = credentials;
  }

  /** The signed-in user; undefined if nobody signs in. */
  get username(): string | undefined {
    return this.#credentials?.username;
  }

  /** The user that etcd may know from the client's certificate; only an answer shows whether it does. */
  get certificateName(): string | undefined {
    return this.#credentials ? undefined : this.#certificateName();
  }

  /**
   * Signs in, unless already done. Sends nothing without credentials.
   * @throws EtcdError `wrongPassword` among others
   */
  async signIn(): Promise<void> {
    await this.#currentToken();
  }

  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: Omit<CallOptions, 'token'>,
  ): Promise<MessageShape<O>> {
    const send = (token: string | undefined) => this.#transport.unary(method, request, { ...options, token });
    return await this.signedIn(send).catch(denyingAllButRoot(method));
  }

  /** See `Transport.pageBytes`. */
  get pageBytes(): number {
    return this.#transport.pageBytes;
  }

  /** See `Transport.range`. */
  async range(
    request: MessageInitShape<typeof RangeRequestSchema>,
    options: Omit<CallOptions, 'token'>,
  ): Promise<RangeAnswer> {
    return await this.signedIn((token) => this.#transport.range(request, { ...options, token }));
  }

  /** False once a watch has shown that events do not arrive. */
  get tellsEnd(): boolean {
    return this.#transport.tellsEnd;
  }

  get canWatch(): boolean {
    return this.#transport.canWatch;
  }

  /** See `Transport.watch`. */
  async watch(call: WatchCall): Promise<void> {
    await this.signedIn((token) => this.#transport.watch(call, token));
  }

  /**
   * Sends a request with the sign-in token through any transport of this connection, and again with a new token if etcd
   * rejects the first.
   * @throws EtcdError of the sign-in, and whatever `send` throws
   */
  async signedIn<T>(send: (token: string | undefined) => Promise<T>): Promise<T> {
    const used = this.#currentToken();
    const token = await used.catch(neverSent);
    try {
      return await send(token);
    } catch (error) {
      // etcd asks for a sign-in if authentication was switched on after this session began.
      if (!EtcdError.is(error, 'tokenRejected', 'signInNeeded') || !this.#credentials) throw error;
      // However many requests were rejected, the first of them drops the token and all of them share the next one.
      if (this.#token === used) this.#token = undefined;
      return await send(await this.#currentToken().catch(neverSent));
    }
  }

  #currentToken(): Promise<string | undefined> {
    if (this.#token === undefined) {
      const token = this.#authenticate();
      this.#token = token;
      token.catch(() => {
        if (this.#token === token) this.#token = undefined;
      });
    }
    return this.#token;
  }

  async #authenticate(): Promise<string | undefined> {
    if (!this.#credentials) return undefined;
    const { username: name, password } = this.#credentials;
    try {
      const options = { repeatable: true, requireLeader: true };
      const { token } = await this.#transport.unary(Auth.method.authenticate, { name, password }, options);
      return token;
    } catch (error) {
      // A user name in the settings is harmless if etcd's authentication is off.
      if (EtcdError.is(error, 'authenticationDisabled')) return undefined;
      throw error;
    }
  }
}

/** Throws for a request whose sign-in failed, so that it was never sent. */
function neverSent(error: unknown): never {
  throw EtcdError.notCarriedOut(error);
}
