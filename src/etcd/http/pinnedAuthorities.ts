import type { Tunnel } from './dialing.ts';
import { serverCertificates } from './serverCertificate.ts';
import { isPinned, pinMismatch } from './certificatePins.ts';
import type { TlsIdentity } from './tlsIdentity.ts';

/**
 * The servers of a connection with pins. VS Code replaces agents and keeps only the TLS options of a request, so the
 * pinned certificate itself becomes the authority that the server is checked against.
 */
export class PinnedAuthorities {
  readonly #identity: TlsIdentity;
  readonly #limit: number;
  readonly #tunnel: Tunnel | undefined;
  readonly #seen = new Map<string, Promise<readonly string[]>>();

  /** @param limit milliseconds for reading a certificate */
  constructor(identity: TlsIdentity, limit: number, tunnel?: Tunnel) {
    this.#identity = identity;
    this.#limit = limit;
    this.#tunnel = tunnel;
  }

  /** Whether the connection has pins. */
  get decide(): boolean {
    return this.#identity.pins !== undefined;
  }

  /**
   * Returns the certificates (PEM) to trust at this https endpoint: its own, if that is pinned. None if no TLS server
   * answers; the request itself then finds out why.
   * @throws EtcdError `pinMismatch`
   */
  async authorities(url: URL): Promise<readonly string[]> {
    const known = this.#seen.get(url.origin) ?? this.#look(url);
    this.#seen.set(url.origin, known);
    try {
      const authorities = await known;
      if (authorities.length === 0) this.forget(url);
      return authorities;
    } catch (error) {
      this.forget(url);
      throw error;
    }
  }

  /** Makes the next request read the certificate again, because the server may show another pinned one. */
  forget(url: URL): void {
    this.#seen.delete(url.origin);
  }

  async #look(url: URL): Promise<readonly string[]> {
    const { pins = [], serverName } = this.#identity;
    const shown = await serverCertificates(url, serverName, this.#limit, this.#tunnel);
    if (!shown) return [];
    const [leaf] = shown;
    if (!isPinned(pins, leaf)) throw pinMismatch(url.host);
    return [leaf.toString()];
  }
}
