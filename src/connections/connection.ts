import { cancelled, unlessAborted } from '../etcd/cancelled.ts';
import { EventEmitter, l10n } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { RequestLogEntry } from '../etcd/http/httpClient.ts';
import type { Handshake } from '../etcd/http/handshake.ts';
import { identityFingerprint, trustFingerprint } from '../etcd/http/tlsIdentity.ts';
import type { Capabilities, KeyLocks, KeyStore } from '../etcd/keyStore.ts';
import type { EtcdSettings, OpenEtcd } from '../etcd/connect/connect.ts';
import type { FileSummary } from '../etcd/snapshotFile/snapshotReader.ts';
import type { Credentials } from '../etcd/http/etcdConnection.ts';
import { SLASHES, type Hierarchy } from '../etcd/keys/hierarchy.ts';
import type { AccountAdmin } from '../etcd/accounts/accountAdmin.ts';
import type { ClusterAdmin } from '../etcd/cluster/clusterAdmin.ts';
import { unconfirmedStore } from '../etcd/readOnlyStore.ts';
import type { Confirmation } from '../ui/confirm.ts';
import { DisposableOwner } from '../ui/disposableOwner.ts';
import type { Attempt, ConnectionState, WriteKind } from './connectionState.ts';
import { accountsOf, clusterOf } from './clusterAndAccounts.ts';
import { v2Id, type ConnectionProfile } from './settings/connectionProfile.ts';
import { endpointOrigin } from './settings/origins.ts';
import { workspaceFolder } from './settings/workspaceFolder.ts';
import { SignIn, type Trust } from './signIn.ts';
import { allowedIdentity } from './trust/allowedIdentity.ts';
import { askToContact, type OpenMode } from './trust/consentQuestions.ts';
import type { Consents } from './trust/consents.ts';
import type { CredentialScope, CredentialStore } from './trust/credentialStore.ts';
import { FileWatch } from './trust/fileWatch.ts';
import { hierarchyOf, rootOf } from './settings/hierarchySettings.ts';
import { tlsFiles } from './trust/tlsPaths.ts';

export interface ConnectionServices {
  readonly credentials: CredentialStore;
  readonly consents: Consents;
  /**
   * Called when a connection that the user asked for has failed. May ask whether to trust the server's certificate, and
   * then keeps the credentials for what is trusted.
   */
  readonly offerTrust: (
    profile: ConnectionProfile,
    error: unknown,
    keepCredentials: (trust: Trust) => Promise<void>,
  ) => void;
  readonly logRequest: (connection: string, entry: RequestLogEntry) => void;
  /** Path of the script that ends a tunnel's program with VS Code. */
  readonly tunnelGuard: string;
}

/** One of the user's connections: opened when first needed, with one attempt at a time, and kept open. */
export class Connection extends DisposableOwner {
  readonly profile: ConnectionProfile;
  readonly services: ConnectionServices;
  readonly #onlyV2: boolean;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChangeState = this.#changed.event;
  #state: ConnectionState = { kind: 'idle' };
  #connectedState: ConnectionState = { kind: 'idle' };
  #open: OpenEtcd | undefined;
  /** The open store for code that has not asked the user. */
  #store: KeyStore | undefined;
  #fileWatch: FileWatch | undefined;
  readonly #signIn: SignIn;
  #attempt: Attempt | undefined;

  /** @param onlyV2 the v2 keys of a server whose v3 keys are another connection of the same profile */
  constructor(profile: ConnectionProfile, services: ConnectionServices, onlyV2 = false) {
    super();
    this.profile = profile;
    this.#onlyV2 = onlyV2;
    this.services = services;
    this.#signIn = new SignIn({ ...services, name: () => this.name, username: this.username });
  }

  get id(): string {
    return this.#onlyV2 ? v2Id(this.profile) : this.profile.id;
  }

  get name(): string {
    const { name } = this.profile.settings;
    return this.#onlyV2 ? l10n.t('{0} (v2 keys)', name) : name;
  }

  /** The connection's name in other settings. */
  get settingsName(): string {
    const { name } = this.profile.settings;
    return this.#onlyV2 ? `${name} (v2)` : name;
  }

  /** The user in the settings. If the server has v2 keys as well, this is v3's user. */
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

  /** The certificates of the open connection; undefined without TLS. */
  get handshake(): Handshake | undefined {
    return this.#open?.handshake();
  }

  /** Capabilities of the open store; undefined before they are known. */
  get capabilities(): Capabilities | undefined {
    return this.#open?.store.capabilities;
  }

  /** Division of keys into folders: that of the open store, or else that of the settings. */
  get hierarchy(): Hierarchy {
    return this.#open?.store.hierarchy ?? this.#configuredHierarchy;
  }

  /** The prefix of what is shown; empty for everything. */
  get root(): Uint8Array {
    return this.profile.problem === undefined
      ? rootOf(this.profile.settings, this.#configuredHierarchy)
      : new Uint8Array();
  }

  get #configuredHierarchy(): Hierarchy {
    return this.#onlyV2 || this.profile.problem !== undefined ? SLASHES : hierarchyOf(this.profile.settings);
  }

  /** The revision that a view of the past shows; undefined for the present. */
  get revision(): bigint | undefined {
    return undefined;
  }

  /** Facts about a snapshot or `db` file; undefined for a server. See `FileConnection`. */
  get file(): FileSummary | undefined {
    return undefined;
  }

  get isReadOnly(): boolean {
    return this.profile.settings.readOnly === true;
  }

  /** Keys that cannot be changed; undefined before they are known, or if there are none. */
  get locks(): KeyLocks | undefined {
    return this.#open?.store.locks;
  }

  /** Keys that the tree does not show; undefined as for `locks`. */
  get hidden(): OpenEtcd['hidden'] {
    return this.#open?.hidden;
  }

  get isProduction(): boolean {
    return this.profile.settings.production ?? false;
  }

  /** Whether each save is shown and confirmed: for production, unless the settings say otherwise. */
  get confirmsSaves(): boolean {
    return this.profile.settings.confirmSave ?? this.isProduction;
  }

  /** The endpoints of the settings, and those learned from the cluster. */
  get endpoints(): readonly string[] {
    return this.#open?.endpoints?.() ?? this.profile.settings.endpoints;
  }

  /**
   * Connects if necessary and returns the store. In production it refuses writes: see `writingStore`.
   * @throws EtcdError also if a question that only `interactive` may ask is still open, or if this connection has ended
   */
  store(mode: OpenMode): Promise<KeyStore> {
    if (this.isDisposed) return Promise.reject(this.#ended('configuration'));
    if (this.#store) return Promise.resolve(this.#store);
    if (this.#attempt && (this.#attempt.mode === 'interactive' || mode === 'background')) return this.#attempt.store;
    const abort = new AbortController();
    const before = this.#attempt;
    before?.abort.abort();
    const store = unlessAborted(this.#connect(mode, abort.signal), abort.signal).catch(async (error: unknown) => {
      if (attempt.next) return await attempt.next;
      throw error;
    });
    const attempt: Attempt = { mode, store, abort };
    if (before) before.next = store;
    this.#attempt = attempt;
    return store;
  }

  /**
   * Returns the store for a change that the user wants.
   * @param yes the user's answer, without which nothing is written if `insistsOnYes`
   * @throws EtcdError as `store` does
   */
  async writingStore(yes: Confirmation | undefined, kind: WriteKind = 'change', mode: OpenMode = 'interactive') {
    const store = await this.store(mode);
    return (yes || !this.insistsOnYes(kind)) && this.#open ? this.#open.store : store;
  }

  /** Returns the cluster's operations. @param yes as for `writingStore` @throws EtcdError; `unsupported` without v3 */
  async cluster(yes?: Confirmation, mode: OpenMode = 'interactive'): Promise<ClusterAdmin> {
    await this.store(mode);
    return await clusterOf(this, this.#open, yes);
  }

  /** Returns the users and roles; parameters and errors as for `cluster`. */
  async accounts(yes?: Confirmation, mode: OpenMode = 'interactive'): Promise<AccountAdmin> {
    await this.store(mode);
    return await accountsOf(this, this.#open, yes);
  }

  /** Whether this is the store of the open connection, and was not closed since. */
  hasOpen(store: KeyStore): boolean {
    return this.#open?.store === store || this.#store === store;
  }

  /** Whether nothing may be written before the user has confirmed exactly that change. */
  insistsOnYes(kind: WriteKind): boolean {
    return kind === 'save' ? this.confirmsSaves : this.isProduction;
  }

  /**
   * Closes the connection; the next use opens it again, and reads certificate files and secrets again.
   * @param reason shown as the connection's failure, until the user asks for it again
   */
  disconnect(reason?: EtcdError): void {
    this.#attempt?.abort.abort();
    this.#attempt = undefined;
    this.#fileWatch?.dispose();
    this.#open?.close();
    this.#open = undefined;
    this.#store = undefined;
    this.#signIn.reset({ typed: reason !== undefined });
    this.#setState(reason ? { kind: 'failed', error: reason } : { kind: 'idle' });
  }

  /** Credentials of the latest sign-in. */
  get tried(): Credentials | undefined {
    return this.#signIn.tried;
  }

  /** Why the latest attempt failed, if it did. */
  get failure(): EtcdError | undefined {
    return !this.#open && this.#state.kind === 'failed' ? this.#state.error : undefined;
  }

  /** Records that a request over the open connection failed, or that one succeeded again. */
  noteOutcome(error?: EtcdError): void {
    const isFailure = error && !EtcdError.is(error, 'cancelled', 'permissionDenied', 'compacted', 'readOnly');
    if (this.#open && isFailure && !this.#hasFailedWith(error)) this.#setState({ kind: 'failed', error });
    if (this.#open && !error && this.#state.kind === 'failed') this.#setState(this.#connectedState);
  }

  #hasFailedWith({ message }: EtcdError): boolean {
    return this.#state.kind === 'failed' && this.#state.error.message === message;
  }

  /** Returns where credentials may be sent. @throws EtcdError if the settings or the certificate are not usable */
  async credentialScope(mode: OpenMode = 'interactive'): Promise<CredentialScope> {
    const { settings, problem } = this.profile;
    if (problem !== undefined) throw new EtcdError('configuration', problem);
    if (settings.tunnel !== undefined) (await import('./trust/connectionTunnel.ts')).readConnectionTunnel(this.profile);
    const origins = settings.endpoints.map(endpointOrigin);
    const identity = await allowedIdentity(this.services, this.profile, origins, mode);
    return { profile: this.profile, origins, identity, besideV3: this.#onlyV2 };
  }

  /** Returns `credentialScope` once the endpoints may be contacted; asks if the user has not allowed that yet. */
  async allowedScope(mode: OpenMode): Promise<CredentialScope> {
    const scope = await this.credentialScope(mode);
    await askToContact(this.services.consents, scope, mode);
    return scope;
  }

  /** Ends the connection: code that still holds it gets a failure, and the user is asked nothing. */
  override dispose(): void {
    super.dispose();
    this.disconnect(this.#ended('cancelled'));
  }

  #ended(kind: 'cancelled' | 'configuration'): EtcdError {
    return new EtcdError(kind, l10n.t('The connection {0} was removed or changed in the settings.', this.name));
  }

  async #connect(mode: OpenMode, signal: AbortSignal): Promise<KeyStore> {
    const before = this.#state;
    // A failure stays visible, so that nothing in the background asks what only the user may start.
    if (mode === 'interactive' || before.kind !== 'failed') this.#setState({ kind: 'connecting' });
    let scope: CredentialScope | undefined;
    try {
      scope = await this.allowedScope(mode);
      const { connection, credentials } = await this.#signedIn(scope, mode, signal);
      if (signal.aborted) {
        connection.close();
        throw cancelled();
      }
      this.#adopt(connection, scope, credentials);
      this.#setState(this.#connectedState);
      return this.#store ?? connection.store;
    } catch (error) {
      if (!signal.aborted && EtcdError.is(error))
        this.#setState(mode === 'interactive' ? { kind: 'failed', error } : before);
      const keep = async (trust: Trust) => scope && (await this.#signIn.keepFor(scope, trust));
      if (mode === 'interactive' && !signal.aborted) this.services.offerTrust(this.profile, error, keep);
      throw error;
    } finally {
      if (!signal.aborted) this.#attempt = undefined;
    }
  }

  #adopt(connection: OpenEtcd, scope: CredentialScope, credentials: Credentials | undefined): void {
    const { api, alsoV2, transport, proxied, tunnel, serverVersion } = connection;
    this.#open = connection;
    const isAsked = connection.store.capabilities.writable && (this.isProduction || this.confirmsSaves);
    this.#store = isAsked ? unconfirmedStore(connection.store) : connection.store;
    this.#connectedState = {
      kind: 'connected',
      api,
      alsoV2,
      transport,
      proxied,
      tunnel,
      serverVersion,
      username: credentials?.username,
      identity: scope.identity,
    };
    this.#fileWatch?.dispose();
    const files = tlsFiles(this.profile.settings, workspaceFolder(this.profile));
    if (files.length > 0)
      this.#fileWatch = new FileWatch(files, (signal) => this.#renew(connection, scope, credentials, signal));
  }

  /**
   * Connects again if certificate files have changed, without asking. The password is reused only if just the client's
   * certificate changed, because it was given for what the connection trusts.
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
      await askToContact(this.services.consents, scope, 'background');
      const isTrusted = trustFingerprint(scope.identity) === trustFingerprint(before.identity);
      if (credentials && isTrusted) await this.services.credentials.set(scope, credentials);
      if (credentials && !(await this.services.credentials.get(scope)))
        throw new EtcdError(
          'signInNeeded',
          l10n.t('The password was entered for a different certificate and was not sent. Set the credentials again.'),
        );
      const renewed = await this.#signedIn(scope, 'background', signal);
      if (signal.aborted) return renewed.connection.close();
      open.close();
      this.#adopt(renewed.connection, scope, renewed.credentials);
      // Listings and everything else of the old connection end with it.
      this.#setState({ kind: 'idle' });
      this.#setState(this.#connectedState);
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      // Files that are still being written change again.
      if (signal.aborted || error.kind === 'badCertificate') return;
      const message = l10n.t('The certificate files of {0} have changed. {1}', this.name, error.message);
      this.disconnect(new EtcdError(error.kind, message, { cause: error }));
    }
  }

  /** Returns the settings with which this connection reaches etcd. The caller closes their tunnel. */
  async etcdSettings(scope: CredentialScope, credentials: Credentials | undefined): Promise<EtcdSettings> {
    // Loaded on demand, because VS Code waits for what activation loads.
    return (await import('./reachedEtcd.ts')).etcdSettings(this, scope, credentials);
  }

  #signedIn(scope: CredentialScope, mode: OpenMode, signal: AbortSignal) {
    return this.#signIn.run(scope, mode, signal, (credentials) => this.#connectAs(credentials, scope, signal));
  }

  async #connectAs(credentials: Credentials | undefined, scope: CredentialScope, signal: AbortSignal) {
    const { openEtcd } = await import('./reachedEtcd.ts');
    return await openEtcd(await this.etcdSettings(scope, credentials), credentials, signal);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#changed.fire();
  }
}
