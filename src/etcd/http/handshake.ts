import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';

/** The certificates that both sides have shown when they connected. */
export interface Handshake {
  readonly server: X509Certificate;
  /** Absent if the client has shown none. */
  readonly client?: X509Certificate;
}

/** Reports the certificates of a socket once its handshake is done; reports nothing without TLS. */
export function whenShaken(socket: unknown, report: (handshake: Handshake) => void): void {
  if (!(socket instanceof TLSSocket)) return;
  const shaken = (): boolean => {
    const server = peerCertificate(socket);
    const client = socket.getX509Certificate();
    if (server) report({ server, ...(client && { client }) });
    return server !== undefined;
  };
  if (!shaken()) socket.once('secureConnect', shaken);
}

/**
 * Returns the server's certificate; undefined before the handshake. Node's `getPeerX509Certificate` returns it only
 * once.
 */
export function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  // Empty before the handshake, whatever its type says.
  const certificate: { readonly raw?: Buffer } = socket.getPeerCertificate();
  return certificate.raw && new X509Certificate(certificate.raw);
}
