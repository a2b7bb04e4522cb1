import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { pinProblem, sha256 } from './certificatePins.ts';

/** The client's certificate and key as PEM text, or both in a PKCS#12 archive. */
export type ClientCertificate =
  | { readonly certificate: string; readonly key: string; readonly passphrase?: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

/** The certificates that a connection trusts and its own, read from their files and checked. */
export interface TlsIdentity {
  /** Certificates (PEM) that sign the server's or are the server's; they replace the system's. Absent: the system's. */
  readonly certificateAuthorities?: readonly string[];
  /** Host name expected instead of the endpoint's. */
  readonly serverName?: string;
  /**
   * SHA-256 hashes, in lower-case hex, of server certificates or of their public keys. The server's must be one of
   * them; it then needs no authority and no host name.
   */
  readonly pins?: readonly string[];
  readonly client?: ClientCertificate;
}

/** Returns a short name of the identity, which changes whenever the trust or the client's certificate changes. */
export function identityFingerprint({ certificateAuthorities, serverName, pins, client }: TlsIdentity): string {
  const trusted = certificateAuthorities?.map((pem) => new X509Certificate(pem).fingerprint256).toSorted() ?? 'system';
  const shown = client && sha256('pfx' in client ? client.pfx : Buffer.from(client.certificate));
  return sha256(Buffer.from(JSON.stringify([trusted, serverName ?? null, pins?.toSorted() ?? null, shown ?? null])));
}

/** Returns a fingerprint like `identityFingerprint`, but only of what the connection trusts. */
export function trustFingerprint(identity: TlsIdentity): string {
  const { client: _, ...trust } = identity;
  return identityFingerprint(trust);
}

/** Returns got's `https` options of a request. */
export function tlsRequestOptions({ certificateAuthorities, serverName, client }: TlsIdentity) {
  return {
    ...(certificateAuthorities && { certificateAuthority: [...certificateAuthorities] }),
    ...(serverName !== undefined && { serverName }),
    ...(client && clientOptions(client)),
  };
}

/** Returns the Node options of a request to this host that got does not know. */
export function tlsNativeOptions({ pins, serverName, certificateAuthorities }: TlsIdentity, host: string) {
  return {
    // Behind a proxy, Node loses the host to check against if it is an address. A pin says more than a name, so a
    // pinned certificate need not name the host.
    checkServerIdentity: (_: string, peer: PeerCertificate) =>
      pins ? pinProblem(pins, host, peer) : checkServerIdentity(serverName ?? host, peer),
    ...partialTrust(pins ?? certificateAuthorities),
  };
}

/** Makes a server's own certificate or an intermediate one sufficient as authority, without the rest of the chain. */
export function partialTrust(trusted: readonly string[] | undefined): { allowPartialTrustChain?: true } {
  return trusted ? { allowPartialTrustChain: true } : {};
}

/** Returns the certificate that the client shows; undefined if it shows none, or one from an archive. */
export function clientLeaf({ client }: TlsIdentity): X509Certificate | undefined {
  return client && 'certificate' in client ? new X509Certificate(client.certificate) : undefined;
}

function clientOptions(client: ClientCertificate) {
  const passphrase = client.passphrase === undefined ? {} : { passphrase: client.passphrase };
  return 'pfx' in client
    ? { pfx: Buffer.from(client.pfx), ...passphrase }
    : { certificate: client.certificate, key: client.key, ...passphrase };
}
