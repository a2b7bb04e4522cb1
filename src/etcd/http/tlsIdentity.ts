import { X509Certificate, createHash } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** What a client shows of itself: certificate and key as PEM text, or both in a PKCS#12 archive. */
export type ClientCertificate =
  | { readonly certificate: string; readonly key: string; readonly passphrase?: string }
  | { readonly pfx: Uint8Array; readonly passphrase?: string };

/** Whom a connection trusts and who it is, by material that has been read and checked. */
export interface TlsIdentity {
  /** The certificates (PEM) that the server's may be signed by, or be; they replace the system's. Absent: the system's. */
  readonly certificateAuthorities?: readonly string[];
  /** Expected instead of the endpoint's host name. */
  readonly serverName?: string;
  /** SHA-256 hashes, in lower-case hex, of server certificates or of their public keys; the server's must be one of them. */
  readonly pins?: readonly string[];
  readonly client?: ClientCertificate;
}

/** A short name of the identity that changes whenever what is trusted, or who is shown, changes. */
export function identityFingerprint({ certificateAuthorities, serverName, pins, client }: TlsIdentity): string {
  const trusted = certificateAuthorities?.map((pem) => new X509Certificate(pem).fingerprint256).toSorted() ?? 'system';
  const shown = client && sha256('pfx' in client ? client.pfx : Buffer.from(client.certificate));
  return sha256(Buffer.from(JSON.stringify([trusted, serverName ?? null, pins?.toSorted() ?? null, shown ?? null])));
}

/** Like `identityFingerprint` of whom the connection trusts alone, whoever it is itself. */
export function trustFingerprint(identity: TlsIdentity): string {
  const { client: _, ...trust } = identity;
  return identityFingerprint(trust);
}

/** got's `https` options of a request. */
export function tlsRequestOptions({ certificateAuthorities, serverName, client }: TlsIdentity) {
  return {
    ...(certificateAuthorities && { certificateAuthority: [...certificateAuthorities] }),
    ...(serverName !== undefined && { serverName }),
    ...(client && clientOptions(client)),
  };
}

/** Node's options of a request to this host that got does not know. */
export function tlsNativeOptions({ pins, serverName }: TlsIdentity, host: string) {
  return {
    // The host that Node would check against is lost behind a proxy where it is an address. A pin says more than a name: a
    // certificate that is pinned need not name the host.
    checkServerIdentity: (_: string, peer: PeerCertificate) =>
      pins ? pinProblem(pins, host, peer) : checkServerIdentity(serverName ?? host, peer),
    // A pinned certificate need not be one that signs others, nor have its whole chain at hand.
    ...(pins && { allowPartialTrustChain: true }),
  };
}

/** True when the certificate or its public key is one of the pinned ones. */
export function isPinned(pins: readonly string[], certificate: X509Certificate): boolean {
  return certificatePins(certificate).some((pin) => pins.includes(pin));
}

/** What may be pinned of a certificate: the SHA-256 of itself, and of its public key. */
export function certificatePins(certificate: X509Certificate): [certificate: string, publicKey: string] {
  return [sha256(certificate.raw), sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }))];
}

function pinProblem(pins: readonly string[], host: string, peer: PeerCertificate): Error | undefined {
  return isPinned(pins, new X509Certificate(peer.raw)) ? undefined : pinMismatch(host);
}

export function pinMismatch(host: string): EtcdError {
  return new EtcdError(
    'pinMismatch',
    l10n.t('{0} shows another certificate than the one that this connection has pinned.', host),
  );
}

function clientOptions(client: ClientCertificate) {
  const passphrase = client.passphrase === undefined ? {} : { passphrase: client.passphrase };
  return 'pfx' in client
    ? { pfx: Buffer.from(client.pfx), ...passphrase }
    : { certificate: client.certificate, key: client.key, ...passphrase };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
