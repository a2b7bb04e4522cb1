import { createHash } from 'node:crypto';
import type { Event, Memento, SecretStorage, SecretStorageChangeEvent } from 'vscode';
import { identityFingerprint, type TlsIdentity } from '../../etcd/http/tlsIdentity.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import type { Credentials } from '../../etcd/http/etcdConnection.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';

// See docs/contributing/decisions/trust.md

/** The servers that a password may be sent to: it is found again only for exactly these. */
export interface CredentialScope {
  readonly profile: ConnectionProfile;
  /** Origins of the endpoints. */
  readonly origins: readonly string[];
  readonly identity: TlsIdentity;
  /** Set for the v2 keys of a server that has v3 keys too, whose users and passwords are separate. */
  readonly besideV3?: boolean;
}

/** Index of the storage keys in use, by connection id; it has only ids and hashes. */
const INDEX = 'credentialKeys';

/**
 * Users and passwords in VS Code's secret storage. The storage key covers the connection, its endpoints and what it
 * trusts, so that a workspace that points `prod` elsewhere finds nothing.
 */
export class CredentialStore {
  readonly #secrets: SecretStorage;
  readonly #index: Memento;
  readonly #workspace: string;

  /** @param workspace identifies the open workspace; its own connections share no secret with those of another */
  constructor(secrets: SecretStorage, index: Memento, workspace: string) {
    this.#secrets = secrets;
    this.#index = index;
    this.#workspace = workspace;
  }

  /** Fires in every window when a secret changes in any. */
  get onDidChange(): Event<SecretStorageChangeEvent> {
    return this.#secrets.onDidChange;
  }

  /**
   * Returns what is stored for the scope, unless the settings name another user by now. For v2 keys beside v3 keys,
   * v3's credentials are valid too, because they go to the same server.
   */
  async get(scope: CredentialScope): Promise<Credentials | undefined> {
    const stored = parse(await this.#secrets.get(this.storageKey(scope)));
    if (scope.besideV3) return stored ?? (await this.get({ ...scope, besideV3: false }));
    const { username } = scope.profile.settings;
    return username === undefined || stored?.username === username ? stored : undefined;
  }

  async set(scope: CredentialScope, { username, password }: Credentials): Promise<void> {
    const key = this.storageKey(scope);
    await this.#remember(scope.profile, [...new Set([...this.#known(scope.profile), key])]);
    await this.#secrets.store(key, JSON.stringify({ username, password }));
  }

  /** Returns the passphrase of the client's key, for exactly these endpoints. */
  async passphrase(profile: ConnectionProfile, origins: readonly string[]): Promise<string | undefined> {
    return await this.#secrets.get(this.#passphraseKey(profile, origins));
  }

  async setPassphrase(profile: ConnectionProfile, origins: readonly string[], passphrase: string): Promise<void> {
    const key = this.#passphraseKey(profile, origins);
    await this.#remember(profile, [...new Set([...this.#known(profile), key])]);
    await this.#secrets.store(key, passphrase);
  }

  /** Deletes everything that was ever stored for the connection, even for earlier endpoints. */
  async forget(profile: ConnectionProfile): Promise<void> {
    for (const key of this.#known(profile)) await this.#secrets.delete(key);
    await this.#remember(profile, []);
  }

  storageKey({ profile, origins, identity, besideV3 }: CredentialScope): string {
    const parts = [this.#owner(profile), origins.toSorted(), identityFingerprint(identity), ...wayPart(profile)];
    return storageName('credentials', besideV3 ? [...parts, 'v2'] : parts);
  }

  #passphraseKey(profile: ConnectionProfile, origins: readonly string[]): string {
    const { keyFile, pfxFile } = profile.settings;
    return storageName('passphrase', [
      this.#owner(profile),
      origins.toSorted(),
      keyFile ?? pfxFile ?? null,
      ...wayPart(profile),
    ]);
  }

  #owner({ id, source }: ConnectionProfile): string {
    return source === 'user' ? id : `${id} ${this.#workspace}`;
  }

  #known(profile: ConnectionProfile): readonly string[] {
    return this.#index.get<Record<string, string[]>>(INDEX)?.[this.#owner(profile)] ?? [];
  }

  async #remember(profile: ConnectionProfile, keys: readonly string[]): Promise<void> {
    const { [this.#owner(profile)]: _, ...others } = this.#index.get<Record<string, string[]>>(INDEX) ?? {};
    await this.#index.update(INDEX, keys.length > 0 ? { ...others, [this.#owner(profile)]: keys } : others);
  }
}

/** Returns what is added to a key: through another tunnel, the same address is another server. */
function wayPart({ settings: { tunnel } }: ConnectionProfile): unknown[] {
  return tunnel === undefined ? [] : [{ tunnel }];
}

function storageName(kind: string, parts: readonly unknown[]): string {
  return `v1/${kind}/${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

function parse(secret: string | undefined): Credentials | undefined {
  if (secret === undefined) return undefined;
  const { username, password } = unknownFields(JSON.parse(secret));
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}
