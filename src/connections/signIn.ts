import { l10n } from 'vscode';
import type { OpenEtcd } from '../etcd/connect/connect.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { Credentials } from '../etcd/http/etcdConnection.ts';
import { trustFingerprint, type TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import { askCredentials } from '../ui/credentialPrompt.ts';
import { askToSendPlain, type OpenMode } from './trust/consentQuestions.ts';
import type { Consents } from './trust/consents.ts';
import type { CredentialScope, CredentialStore } from './trust/credentialStore.ts';
import { declined } from './trust/declined.ts';

/** Pins and authorities that a connection trusts from now on. */
export type Trust = Pick<TlsIdentity, 'pins' | 'certificateAuthorities'>;

interface SignedIn {
  readonly connection: OpenEtcd;
  readonly credentials: Credentials | undefined;
}

interface SignInOptions {
  readonly credentials: CredentialStore;
  readonly consents: Consents;
  /** Returns the connection's name, for questions. */
  readonly name: () => string;
  /** The user in the settings. */
  readonly username: string | undefined;
}

/**
 * Signs a connection in with stored credentials, or else with those that the user types. A password is asked for once.
 */
export class SignIn {
  readonly #options: SignInOptions;
  #tried: Credentials | undefined;
  /** Typed credentials that etcd has neither accepted nor refused yet, and what the connection trusted at that time. */
  #typed: { readonly trust: string; readonly credentials: Credentials } | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** Credentials of the latest sign-in. */
  get tried(): Credentials | undefined {
    return this.#tried;
  }

  /** @throws EtcdError of `connect`; `signInNeeded` if the user must be asked but may not be; `cancelled` if the user declines */
  async run(
    scope: CredentialScope,
    mode: OpenMode,
    signal: AbortSignal,
    connect: (credentials: Credentials | undefined) => Promise<OpenEtcd>,
  ): Promise<SignedIn> {
    const { credentials: secrets, consents, username } = this.#options;
    let credentials = (await secrets.get(scope)) ?? this.#typedFor(scope);
    if (!credentials && username !== undefined) credentials = await this.#ask(undefined, scope, mode, signal);
    for (;;) {
      this.#tried = credentials;
      if (credentials) await askToSendPlain(consents, scope.origins, mode);
      try {
        const connection = await connect(credentials);
        if (credentials && credentials === this.#typed?.credentials) await secrets.set(scope, credentials);
        this.#typed = undefined;
        return { connection, credentials };
      } catch (error) {
        if (!EtcdError.is(error, 'wrongPassword', 'signInNeeded')) throw error;
        this.#typed = undefined;
        credentials = await this.#ask(error, scope, mode, signal);
      }
    }
  }

  /**
   * Stores the credentials of the latest attempt for what the user trusts from now on, so that they need not be typed
   * again.
   */
  async keepFor(scope: CredentialScope, trust: Trust): Promise<void> {
    if (!this.#tried) return;
    const { pins: _, certificateAuthorities: __, ...identity } = scope.identity;
    await this.#options.credentials.set({ ...scope, identity: { ...identity, ...trust } }, this.#tried);
  }

  /** Forgets the latest attempt and, with `typed`, what the user has typed. */
  reset({ typed }: { readonly typed: boolean }): void {
    this.#tried = undefined;
    if (typed) this.#typed = undefined;
  }

  #typedFor({ identity }: CredentialScope): Credentials | undefined {
    return this.#typed?.trust === trustFingerprint(identity) ? this.#typed.credentials : undefined;
  }

  async #ask(
    why: EtcdError | undefined,
    { identity }: CredentialScope,
    mode: OpenMode,
    signal: AbortSignal,
  ): Promise<Credentials> {
    const { username } = this.#options;
    const name = this.#options.name();
    const obstacle = why ?? unknownPassword(name, username);
    if (mode === 'background') throw obstacle;
    const answer = await askCredentials(name, username, why?.message, signal);
    if (!answer) throw declined(obstacle);
    this.#typed = { trust: trustFingerprint(identity), credentials: answer };
    return answer;
  }
}

function unknownPassword(name: string, username = ''): EtcdError {
  return new EtcdError(
    'signInNeeded',
    l10n.t(
      'Not signed in: the password of the etcd user {0} is not known here. Set the credentials of {1}.',
      username,
      name,
    ),
  );
}
