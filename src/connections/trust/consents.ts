import type { Memento } from 'vscode';
import { isUnexposed } from '../../etcd/http/exposure.ts';
import { identityFingerprint, type TlsIdentity } from '../../etcd/http/tlsIdentity.ts';
import type { ConnectionProfile } from '../settings/connectionProfile.ts';
import { metricsOrigins } from '../settings/origins.ts';

// See docs/contributing/decisions/trust.md

const WORKSPACE_ENDPOINTS = 'allowedWorkspaceEndpoints';
const WORKSPACE_FILES = 'allowedWorkspaceFiles';
const PLAIN_ORIGINS = 'plainPasswordOrigins';

/** The user's consents. */
export class Consents {
  readonly #workspaceState: Memento;
  readonly #globalState: Memento;
  /** Connections whose files the user has just allowed to be read; that answer also covers the first contact. */
  readonly #answered = new Set<string>();

  constructor(workspaceState: Memento, globalState: Memento) {
    this.#workspaceState = workspaceState;
    this.#globalState = globalState;
  }

  /**
   * Whether the files that a connection names may be read. For a workspace's connection, the user must have allowed it.
   */
  mayReadFiles(profile: ConnectionProfile, origins: readonly string[]): boolean {
    if (profile.source === 'user' || namedFiles(profile).length === 0) return true;
    return this.#workspaceFiles().includes(filesKey(profile, origins));
  }

  /**
   * Records that the user allows the connection. Its files are unknown at that time; once they are read, the answer
   * also covers the contact.
   */
  async allowFiles(profile: ConnectionProfile, origins: readonly string[]): Promise<void> {
    const key = filesKey(profile, origins);
    this.#answered.add(key);
    await this.#workspaceState.update(WORKSPACE_FILES, [...new Set([...this.#workspaceFiles(), key])]);
  }

  /** Whether the user has allowed the connection before its files were read, and was not asked since. */
  takeAnswer(profile: ConnectionProfile, origins: readonly string[]): boolean {
    return this.#answered.delete(filesKey(profile, origins));
  }

  /**
   * Whether a workspace's connection may be contacted: its addresses and what it trusts have not changed since the user
   * allowed them.
   */
  mayContact(profile: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): boolean {
    if (profile.source === 'user') return true;
    return this.#workspaceEndpoints().includes(contactKey(profile, origins, identity));
  }

  async allowContact(profile: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): Promise<void> {
    const allowed = new Set([...this.#workspaceEndpoints(), contactKey(profile, origins, identity)]);
    await this.#workspaceState.update(WORKSPACE_ENDPOINTS, [...allowed]);
  }

  /** Returns the origins to which a password would go in plain text over a network without the user's consent. */
  plainOriginsToAsk(origins: readonly string[]): string[] {
    const allowed = this.#plainOrigins();
    return origins.filter((origin) => !isUnexposed(origin) && !allowed.includes(origin));
  }

  /**
   * Whether an origin may be used that the cluster announces but no setting names. A workspace's connection contacts
   * only what was allowed by name, and a password goes in plain text only to origins for which `plainOriginsToAsk` has
   * nothing to ask.
   */
  coversLearned({ source }: ConnectionProfile, origin: string, sendsPassword: boolean): boolean {
    return source === 'user' && (!sendsPassword || this.plainOriginsToAsk([origin]).length === 0);
  }

  async allowPlain(origins: readonly string[]): Promise<void> {
    await this.#globalState.update(PLAIN_ORIGINS, [...new Set([...this.#plainOrigins(), ...origins])]);
  }

  #workspaceFiles(): readonly string[] {
    return this.#workspaceState.get<string[]>(WORKSPACE_FILES) ?? [];
  }

  #workspaceEndpoints(): readonly string[] {
    return this.#workspaceState.get<string[]>(WORKSPACE_ENDPOINTS) ?? [];
  }

  #plainOrigins(): readonly string[] {
    return this.#globalState.get<string[]>(PLAIN_ORIGINS) ?? [];
  }
}

function namedFiles({ settings }: ConnectionProfile): string[] {
  const { caFile, certFile, keyFile, pfxFile } = settings;
  return [caFile, certFile, keyFile, pfxFile].filter((file) => file !== undefined);
}

/** Identifies the files by their names, because their content is known only later. */
function filesKey({ id, settings }: ConnectionProfile, origins: readonly string[]): string {
  const { caFile, certFile, keyFile, pfxFile } = settings;
  return JSON.stringify([id, origins.toSorted(), caFile, certFile, keyFile, pfxFile, ...otherParts(settings)]);
}

function contactKey({ id, settings }: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): string {
  return JSON.stringify([id, origins.toSorted(), identityFingerprint(identity), ...otherParts(settings)]);
}

/** Returns what is added to a key, so that a consent to endpoints covers no other addresses and no other way there. */
function otherParts(settings: ConnectionProfile['settings']): unknown[] {
  const origins = metricsOrigins(settings);
  const { tunnel } = settings;
  return [...(origins.length > 0 ? [origins.toSorted()] : []), ...(tunnel === undefined ? [] : [{ tunnel }])];
}
