import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Tunnel } from './dialing.ts';
import { unsentRequest } from './proxies.ts';

// See docs/contributing/decisions/trust.md

/** The certificates that a server shows, its own first. */
export type ServerCertificates = readonly [X509Certificate, ...X509Certificate[]];

/**
 * Reads the certificates that the endpoint shows, through VS Code's proxy if there is one. Makes only a handshake, and
 * trusts nothing.
 * @param limit milliseconds
 * @returns undefined if no TLS server answers
 */
export async function serverCertificates(
  url: URL,
  serverName: string | undefined,
  limit: number,
  tunnel?: Tunnel,
): Promise<ServerCertificates | undefined> {
  const { promise, resolve } = Promise.withResolvers<ServerCertificates | undefined>();
  // A resumed TLS session carries no certificate, so each call makes a full handshake.
  const agent = new Agent({ maxCachedSessions: 0 });
  const options = {
    agent,
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(limit),
  };
  const request = unsentRequest(url, options, tunnel);
  request.on('socket', (socket) => {
    if (!(socket instanceof TLSSocket)) return resolve(undefined);
    socket.on('secureConnect', () => resolve(shownCertificates(socket.getPeerCertificate(true))));
  });
  // A response is a proxy's refusal, because no request was sent.
  for (const event of ['error', 'close', 'response']) request.on(event, () => resolve(undefined));
  return promise.finally(() => {
    request.destroy();
    agent.destroy();
  });
}

interface PeerCertificate {
  readonly raw?: Buffer;
  readonly issuerCertificate?: PeerCertificate;
}

function shownCertificates(peer: PeerCertificate): ServerCertificates | undefined {
  const chain: X509Certificate[] = [];
  for (let current: PeerCertificate | undefined = peer; current?.raw; current = current.issuerCertificate) {
    chain.push(new X509Certificate(current.raw));
    // A root names itself as its issuer.
    if (current.issuerCertificate === current) break;
  }
  const [leaf, ...issuers] = chain;
  return leaf && [leaf, ...issuers];
}
