import { EventEmitter, l10n, workspace } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { RequestLogEntry } from '../etcd/http/httpClient.ts';
import type { Handshake } from '../etcd/http/handshake.ts';
import { identityFingerprint, trustFingerprint, type TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import type { Capabilities, KeyStore } from '../etcd/keyStore.ts';
import type { Api, EtcdSettings, OpenEtcd } from '../etcd/connect.ts';
import type { Credentials } from '../etcd/etcdConnection.ts';
import { SLASHES, type Hierarchy } from '../etcd/keyspace/hierarchy.ts';
import { askCredentials, askPassphrase } from '../ui/credentialPrompt.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { endpointOrigin, timeLimits, type ConnectionProfile } from './connectionProfile.ts';
import { askToContact, askToSendPlain, type OpenMode } from './consentQuestions.ts';
import type { Consents } from './consents.ts';
import type { CredentialScope, CredentialStore } from './credentialStore.ts';
import { FileWatch } from './fileWatch.ts';
import { hierarchyOf, rootOf } from './hierarchySettings.ts';
import { readTlsIdentity, tlsFiles } from './tlsFiles.ts';

export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | {
      readonly kind: 'connected';
      readonly api: Api;
      /** The server also serves v2 keys. */
      readonly alsoV2: boolean;
      readonly transport: OpenEtcd['transport'];
      readonly proxied: OpenEtcd['proxied'];
      readonly serverVersion: string;
      readonly username: string | undefined;
      readonly identity: TlsIdentity;
    }
  | { readonly kind: 'failed'; readonly error: EtcdError };

export interface ConnectionServices {
  readonly credentials: CredentialStore;
  readonly consents: Consents;
  /** Called when a connection failed that the user had asked for; may ask whether the server's certificate is to be trusted. */
  readonly offerTrust: (profile: ConnectionProfile, error: unknown) => void;
  readonly logRequest: (connection: string, entry: RequestLogEntry) => void;
}

/** The id of the connection to the v2 keys of a server that has v3 keys too. */
export function v2Id({ id }: ConnectionProfile): string {
  return `${id}.v2`;
}

/** One of the user's connections: opened when first needed, by one attempt at a time, and kept open. */
export class Connection extends DisposableOwner {
  readonly profile: ConnectionProfile;
  readonly services: ConnectionServices;
  readonly #onlyV2: boolean;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeState = this.#changed.event;
  #state: ConnectionState = { kind: 'idle' };
  #connectedState: ConnectionState = { kind: 'idle' };
  #open: OpenEtcd | undefined;
  #fileWatch: FileWatch | undefined;
  #tried: Credentials | undefined;
  #attempt: { readonly mode: OpenMode; readonly store: Promise<KeyStore>; readonly abort: AbortController } | undefined;

  /** @param onlyV2 the v2 keys of a server whose v3 keys are another connection of the same profile */
  constructor(profile: ConnectionProfile, services: ConnectionServices, onlyV2 = false) {
    super();
    this.profile = profile;
    this.#onlyV2 = onlyV2;
    this.services = services;
  }

  get id(): string {
    return this.#onlyV2 ? v2Id(this.profile) : this.profile.id;
  }

  get name(): string {
    const { name } = this.profile.settings;
    return this.#onlyV2 ? l10n.t('{0} (v2 keys)', name) : name;
  }

  /** The name by which other settings know this connection. */
  get settingsName(): string {
    const { name } = this.profile.settings;
    return this.#onlyV2 ? `${name} (v2)` : name;
  }

  /** The user that the settings name, who is v3's where the server has v2 keys besides. */
  get username(): string | undefined {
    return this.#onlyV2 ? undefined : this.profile.settings.username;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The endpoint in use, or the first one before there is any. */
  get endpoint(): string {
    return this.#open?.endpoint() ?? this.profile.settings.endpoints[0] ?? '';
  }

  /** The certificates that the open connection was made with; none without TLS. */
  get handshake(): Handshake | undefined {
    return this.#open?.handshake();
  }

  /** What the open store can do; undefined before it is known. */
  get capabilities(): Capabilities | undefined {
    return this.#open?.store.capabilities;
  }

  /** How keys are divided into folders: as the open store does it, else as the settings say. */
  get hierarchy(): Hierarchy {
    return this.#open?.store.hierarchy ?? this.#configuredHierarchy;
  }

  /** The prefix of what is shown; empty where that is everything. */
  get root(): Uint8Array {
    return this.profile.problem === undefined
      ? rootOf(this.profile.settings, this.#configuredHierarchy)
      : new Uint8Array();
  }

  get #configuredHierarchy(): Hierarchy {
    return this.#onlyV2 || this.profile.problem !== undefined ? SLASHES : hierarchyOf(this.profile.settings);
  }

  /** Of a view of the past: the revision that it shows. */
  get revision(): bigint | undefined {
    return undefined;
  }

  get isReadOnly(): boolean {
    return this.profile.settings.readOnly ?? false;
  }

  get isProduction(): boolean {
    return this.profile.settings.production ?? false;
  }

  /** True where each save is shown and asked about: production, unless its settings say otherwise. */
  get confirmsSaves(): boolean {
    return this.profile.settings.confirmSave ?? this.isProduction;
  }

  /** The endpoints of the settings, and where the cluster was asked for them its members' too. */
  get endpoints(): readonly string[] {
    return this.#open?.endpoints?.() ?? this.profile.settings.endpoints;
  }

  /**
   * The store of this connection, connecting if need be.
   * @throws EtcdError also when a question that only `interactive` may ask is still open
   */
  store(mode: OpenMode): Promise<KeyStore> {
    if (this.#open) return Promise.resolve(this.#open.store);
    if (this.#attempt && (this.#attempt.mode === 'interactive' || mode === 'background')) return this.#attempt.store;
    this.#attempt?.abort.abort();
    const abort = new AbortController();
    const store = this.#connect(mode, abort.signal);
    this.#attempt = { mode, store, abort };
    return store;
  }

  /**
   * Closes the connection; the next use opens it anew, reading certificate files and secrets again.
   * @param reason shown as the connection's failure, until the user asks for it again
   */
  disconnect(reason?: EtcdError): void {
    this.#attempt?.abort.abort();
    this.#attempt = undefined;
    this.#fileWatch?.dispose();
    this.#open?.close();
    this.#open = undefined;
    this.#tried = undefined;
    this.#setState(reason ? { kind: 'failed', error: reason } : { kind: 'idle' });
  }

  /** What the last sign-in was tried with. */
  get tried(): Credentials | undefined {
    return this.#tried;
  }

  /** Why the last attempt failed, where none has been made since. */
  get failure(): EtcdError | undefined {
    return !this.#open && this.#state.kind === 'failed' ? this.#state.error : undefined;
  }

  /** Takes note that a request over the open connection failed, or that one succeeded again. */
  noteOutcome(error?: EtcdError): void {
    if (this.#open && error && !EtcdError.is(error, 'cancelled', 'permissionDenied', 'compacted', 'readOnly'))
      this.#setState({ kind: 'failed', error });
    if (this.#open && !error && this.#state.kind === 'failed') this.#setState(this.#connectedState);
  }

  /** Where this connection's credentials may go. @throws EtcdError when the settings or the certificate are not usable */
  async credentialScope(mode: OpenMode = 'interactive'): Promise<CredentialScope> {
    const { settings, problem } = this.profile;
    if (problem !== undefined) throw new EtcdError('configuration', problem);
    const origins = settings.endpoints.map(endpointOrigin);
    const identity = await this.#readIdentity(origins, mode);
    return { profile: this.profile, origins, identity, besideV3: this.#onlyV2 };
  }

  /** Like `credentialScope`, where the endpoints may be contacted: asks if nobody has allowed that yet. */
  async allowedScope(mode: OpenMode): Promise<CredentialScope> {
    const scope = await this.credentialScope(mode);
    await askToContact(this.services.consents, scope, this.name, mode);
    return scope;
  }

  /** Asks for the passphrase of the client's key where it needs one that is not stored. */
  async #readIdentity(origins: readonly string[], mode: OpenMode): Promise<TlsIdentity> {
    const { credentials } = this.services;
    let passphrase = await credentials.passphrase(this.profile, origins);
    for (let asked = false; ; asked = true) {
      try {
        const identity = await readTlsIdentity(this.profile.settings, workspaceFolder(), passphrase);
        if (asked && passphrase !== undefined) await credentials.setPassphrase(this.profile, origins, passphrase);
        return identity;
      } catch (error) {
        if (!EtcdError.is(error, 'passphraseNeeded') || mode === 'background') throw error;
        passphrase = await askPassphrase(this.name, error.message);
        if (passphrase === undefined) throw error;
      }
    }
  }

  /** Ends it for good: whoever still holds it gets a failure, and nobody is asked anything. */
  override dispose(): void {
    super.dispose();
    this.disconnect(new EtcdError('cancelled', l10n.t('The connection {0} was removed or changed.', this.name)));
  }

  async #connect(mode: OpenMode, signal: AbortSignal): Promise<KeyStore> {
    const before = this.#state;
    // A failure stays in sight, so that nothing asks the user meanwhile what only the user may begin.
    if (mode === 'interactive' || before.kind !== 'failed') this.#setState({ kind: 'connecting' });
    try {
      const scope = await this.allowedScope(mode);
      const { connection, credentials } = await this.#signIn(scope, mode, signal);
      if (signal.aborted) {
        connection.close();
        throw new EtcdError('cancelled', l10n.t('Cancelled.'));
      }
      this.#adopt(connection, scope, credentials);
      this.#setState(this.#connectedState);
      return connection.store;
    } catch (error) {
      if (!signal.aborted && EtcdError.is(error))
        this.#setState(mode === 'interactive' ? { kind: 'failed', error } : before);
      if (mode === 'interactive' && !signal.aborted) this.services.offerTrust(this.profile, error);
      throw error;
    } finally {
      if (!signal.aborted) this.#attempt = undefined;
    }
  }

  #adopt(connection: OpenEtcd, scope: CredentialScope, credentials: Credentials | undefined): void {
    const { api, alsoV2, transport, proxied, serverVersion } = connection;
    this.#open = connection;
    this.#connectedState = {
      kind: 'connected',
      api,
      alsoV2,
      transport,
      proxied,
      serverVersion,
      username: credentials?.username,
      identity: scope.identity,
    };
    this.#fileWatch?.dispose();
    const files = tlsFiles(this.profile.settings, workspaceFolder());
    if (files.length > 0)
      this.#fileWatch = new FileWatch(files, (signal) => this.#renew(connection, scope, credentials, signal));
  }

  /**
   * Connects anew where certificate files say something else by now, and asks nothing. The password goes along only if just
   * the client's own certificate changed: what the server is trusted by is what the password was given for.
   */
  async #renew(
    open: OpenEtcd,
    before: CredentialScope,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const scope = await this.credentialScope('background');
      if (identityFingerprint(scope.identity) === identityFingerprint(before.identity)) return;
      await askToContact(this.services.consents, scope, this.name, 'background');
      const isTrusted = trustFingerprint(scope.identity) === trustFingerprint(before.identity);
      if (credentials && isTrusted) await this.services.credentials.set(scope, credentials);
      if (credentials && !(await this.services.credentials.get(scope)))
        throw new EtcdError(
          'signInNeeded',
          l10n.t('The password was given for what was trusted before, and is not sent now. Set the credentials anew.'),
        );
      const renewed = await this.#signIn(scope, 'background', signal);
      if (signal.aborted) return renewed.connection.close();
      open.close();
      this.#adopt(renewed.connection, scope, renewed.credentials);
      // Listings and what else belongs to the old connection end with it.
      this.#setState({ kind: 'idle' });
      this.#setState(this.#connectedState);
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      // Files that are just being written change again.
      if (signal.aborted || error.kind === 'badCertificate') return;
      const message = l10n.t('The certificate files of {0} have changed. {1}', this.name, error.message);
      this.disconnect(new EtcdError(error.kind, message, { cause: error }));
    }
  }

  async #signIn(
    scope: CredentialScope,
    mode: OpenMode,
    signal: AbortSignal,
  ): Promise<{ connection: OpenEtcd; credentials: Credentials | undefined }> {
    const { credentials: secrets } = this.services;
    const { username } = this;
    let [credentials, asked] = [await secrets.get(scope), false];
    if (!credentials && username !== undefined) {
      credentials = await this.#ask(username, undefined, mode, signal);
      asked = true;
    }
    for (;;) {
      this.#tried = credentials;
      if (credentials) await askToSendPlain(this.services.consents, scope.origins, mode);
      try {
        const connection = await this.#connectAs(credentials, scope, signal);
        if (asked && credentials) await secrets.set(scope, credentials);
        return { connection, credentials };
      } catch (error) {
        if (!EtcdError.is(error, 'wrongPassword', 'signInNeeded')) throw error;
        credentials = await this.#ask(username, error, mode, signal);
        asked = true;
      }
    }
  }

  /** How this connection speaks with etcd. */
  etcdSettings({ origins, identity }: CredentialScope): EtcdSettings {
    const { api = 'auto', transport = 'auto', sync = false, readOnly = false } = this.profile.settings;
    return {
      endpoints: origins,
      tls: identity,
      limits: timeLimits(this.profile.settings),
      log: (entry) => this.services.logRequest(this.name, entry),
      transport,
      sync,
      readOnly,
      hierarchy: hierarchyOf(this.profile.settings),
      api: this.#onlyV2 ? 'v2' : api,
    };
  }

  async #connectAs(credentials: Credentials | undefined, scope: CredentialScope, signal: AbortSignal) {
    // VS Code waits for what activation loads: what speaks with etcd is loaded when that begins.
    const { connectEtcd } = await import('../etcd/connect.ts');
    const connection = await connectEtcd(this.etcdSettings(scope), credentials, signal);
    try {
      // Without a sign-in nothing has shown yet whether v3 lets this connection read at all.
      if (!credentials && connection.api === 'v3') await connection.store.get(Uint8Array.of(0), { signal });
      return connection;
    } catch (error) {
      if (EtcdError.is(error, 'permissionDenied')) return connection;
      connection.close();
      throw error;
    }
  }

  async #ask(
    username: string | undefined,
    why: EtcdError | undefined,
    mode: OpenMode,
    signal: AbortSignal,
  ): Promise<Credentials> {
    const answer = mode === 'interactive' ? await askCredentials(this.name, username, why?.message, signal) : undefined;
    if (answer) return answer;
    throw (
      why ??
      new EtcdError(
        'signInNeeded',
        l10n.t(
          'Not signed in: the password of the etcd user {0} is not known here. Set the credentials of {1}.',
          username ?? '',
          this.name,
        ),
      )
    );
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#changed.fire();
  }
}

function workspaceFolder(): string | undefined {
  return workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
}
