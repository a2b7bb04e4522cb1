import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';

/** What both sides have shown of themselves when they connected. */
export interface Handshake {
  readonly server: X509Certificate;
  /** Absent where the client has shown none. */
  readonly client?: X509Certificate;
}

/** Tells what a socket's handshake shows as soon as it is done; nothing of one without TLS. */
export function whenShaken(socket: unknown, tell: (handshake: Handshake) => void): void {
  if (!(socket instanceof TLSSocket)) return;
  const shaken = () => {
    const server = socket.getPeerX509Certificate();
    const client = socket.getX509Certificate();
    if (server) tell({ server, ...(client && { client }) });
  };
  if (socket.getPeerX509Certificate()) shaken();
  else socket.once('secureConnect', shaken);
}
