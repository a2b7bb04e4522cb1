import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { EtcdError } from '../errors.ts';
import type { Credentials } from '../etcdConnection.ts';
import { OperationLimit } from './operationLimit.ts';
import type { RangeAnswer } from './rangeRows.ts';
import { Auth, type RangeRequestSchema } from './rpc_pb.js';
import type { CallOptions, Transport, WatchCall } from './transport.ts';

/** Calls etcd as one user: signs in once, and once again whenever etcd says that the token is no longer good. */
export class Session {
  readonly #transport: Transport;
  readonly #credentials: Credentials | undefined;
  readonly #certificateName: () => string | undefined;
  #token: Promise<string | undefined> | undefined;
  readonly operations = new OperationLimit();

  /** @param certificateName the name in the certificate that the client has shown, whom etcd takes for the user where nobody signs in */
  constructor(
    transport: Transport,
    credentials: Credentials | undefined,
    certificateName: () => string | undefined = () => undefined,
  ) {
    this.#transport = transport;
    this.#certificateName = certificateName;
    this.#credentials = credentials;
  }

  /** The signed-in user; none where nobody signs in. */
  get username(): string | undefined {
    return this.#credentials?.username;
  }

  /** The user of whom etcd may take this client by its certificate alone; whether it does, only an answer shows. */
  get certificateName(): string | undefined {
    return this.#credentials ? undefined : this.#certificateName();
  }

  /**
   * Signs in, unless that was done. Without credentials nothing is sent.
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
    return await this.#signedIn((token) => this.#transport.unary(method, request, { ...options, token }));
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
    return await this.#signedIn((token) => this.#transport.range(request, { ...options, token }));
  }

  /** False once a watch has shown that events do not come through. */
  get tellsEnd(): boolean {
    return this.#transport.tellsEnd;
  }

  get canWatch(): boolean {
    return this.#transport.canWatch;
  }

  /** See `Transport.watch`. */
  async watch(call: WatchCall): Promise<void> {
    await this.#signedIn((token) => this.#transport.watch(call, token));
  }

  async #signedIn<T>(send: (token: string | undefined) => Promise<T>): Promise<T> {
    const used = this.#currentToken();
    try {
      return await send(await used);
    } catch (error) {
      // "Sign-in needed" comes when authentication was switched on after this session began.
      if (!EtcdError.is(error, 'tokenRejected', 'signInNeeded') || !this.#credentials) throw error;
      // However many requests met the rejection, the first of them drops the token and all of them share the next one.
      if (this.#token === used) this.#token = undefined;
      return await send(await this.#currentToken());
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
      // A user name in the settings does no harm where etcd has authentication switched off.
      if (EtcdError.is(error, 'authenticationDisabled')) return undefined;
      throw error;
    }
  }
}
