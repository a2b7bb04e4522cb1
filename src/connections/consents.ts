import type { Memento } from 'vscode';
import { identityFingerprint, type TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import type { ConnectionProfile } from './connectionProfile.ts';

const WORKSPACE_ENDPOINTS = 'allowedWorkspaceEndpoints';
const PLAIN_ORIGINS = 'plainPasswordOrigins';

/** What the user has said yes to, once. */
export class Consents {
  readonly #workspaceState: Memento;
  readonly #globalState: Memento;

  constructor(workspaceState: Memento, globalState: Memento) {
    this.#workspaceState = workspaceState;
    this.#globalState = globalState;
  }

  /** Whether this workspace's connection may be contacted: its endpoints and what it trusts are as they were allowed. */
  mayContact(profile: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): boolean {
    if (profile.source === 'user') return true;
    return this.#workspaceEndpoints().includes(contactKey(profile, origins, identity));
  }

  async allowContact(profile: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): Promise<void> {
    const allowed = new Set([...this.#workspaceEndpoints(), contactKey(profile, origins, identity)]);
    await this.#workspaceState.update(WORKSPACE_ENDPOINTS, [...allowed]);
  }

  /** Of these origins, the ones that a password would reach in plain text over a network, and that nobody has allowed. */
  plainOriginsToAsk(origins: readonly string[]): string[] {
    const allowed = this.#plainOrigins();
    return origins.filter((origin) => origin.startsWith('http:') && !isLoopback(origin) && !allowed.includes(origin));
  }

  async allowPlain(origins: readonly string[]): Promise<void> {
    await this.#globalState.update(PLAIN_ORIGINS, [...new Set([...this.#plainOrigins(), ...origins])]);
  }

  #workspaceEndpoints(): readonly string[] {
    return this.#workspaceState.get<string[]>(WORKSPACE_ENDPOINTS) ?? [];
  }

  #plainOrigins(): readonly string[] {
    return this.#globalState.get<string[]>(PLAIN_ORIGINS) ?? [];
  }
}

function contactKey({ id }: ConnectionProfile, origins: readonly string[], identity: TlsIdentity): string {
  return JSON.stringify([id, origins.toSorted(), identityFingerprint(identity)]);
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
