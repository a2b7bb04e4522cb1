import { X509Certificate, createHash } from 'node:crypto';

/** Whom a connection trusts, in PEM text that has been checked. */
export interface TlsIdentity {
  /** The certificates that the server's may be signed by (or be); they replace the system's. Absent: the system's. */
  readonly certificateAuthorities?: readonly string[];
  /** Expected instead of the endpoint's host name. */
  readonly serverName?: string;
}

/** A short name of the identity that changes whenever what is trusted changes. */
export function identityFingerprint({ certificateAuthorities, serverName }: TlsIdentity): string {
  const trusted = certificateAuthorities?.map((pem) => new X509Certificate(pem).fingerprint256).toSorted() ?? 'system';
  return createHash('sha256')
    .update(JSON.stringify([trusted, serverName ?? null]))
    .digest('hex');
}
