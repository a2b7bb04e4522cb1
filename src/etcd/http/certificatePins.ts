import { createHash, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** Whether the certificate or its public key is pinned. */
export function isPinned(pins: readonly string[], certificate: X509Certificate): boolean {
  return certificatePins(certificate).some((pin) => pins.includes(pin));
}

/** Returns the two possible pins of a certificate: the SHA-256 hashes of the certificate and of its public key. */
export function certificatePins(certificate: X509Certificate): [certificate: string, publicKey: string] {
  return [sha256(certificate.raw), sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }))];
}

/** Returns why a server is refused; undefined if its certificate is pinned. */
export function pinProblem(pins: readonly string[], host: string, peer: PeerCertificate): Error | undefined {
  return isPinned(pins, new X509Certificate(peer.raw)) ? undefined : pinMismatch(host);
}

/** Error for a server whose certificate is not pinned. */
export function pinMismatch(host: string): EtcdError {
  return new EtcdError(
    'pinMismatch',
    l10n.t('{0} presents a different certificate than the one this connection has pinned.', host),
  );
}

/** Returns the SHA-256 hash in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
