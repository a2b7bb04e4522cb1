import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { unsentRequest } from './proxies.ts';
import { isPinned, pinMismatch, type TlsIdentity } from './tlsIdentity.ts';

/** What a server shows of itself, its own certificate first. */
export type ServerCertificates = readonly [X509Certificate, ...X509Certificate[]];

/**
 * The certificates that the endpoint shows, through VS Code's proxy where there is one. Sends nothing but a handshake and trusts
 * nothing: it only looks.
 * @param limit milliseconds
 * @returns undefined when no TLS server answers
 */
export async function serverCertificates(
  url: URL,
  serverName: string | undefined,
  limit: number,
): Promise<ServerCertificates | undefined> {
  const { promise, resolve } = Promise.withResolvers<ServerCertificates | undefined>();
  const request = unsentRequest(url, {
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(limit),
  });
  request.on('socket', (socket) => {
    if (!(socket instanceof TLSSocket)) return resolve(undefined);
    socket.on('secureConnect', () => resolve(shownCertificates(socket.getPeerCertificate(true))));
  });
  // A response is a proxy's refusal, since nothing was asked.
  for (const event of ['error', 'close', 'response']) request.on(event, () => resolve(undefined));
  return promise.finally(() => request.destroy());
}

/**
 * Where only a pin says what to trust, the pinned certificate itself becomes the authority that it is checked against;
 * a server that shows another one fails by that.
 * @throws EtcdError `pinMismatch` when every server that answers shows another certificate
 */
export async function withPinnedAuthorities(
  identity: TlsIdentity,
  endpoints: readonly string[],
  limit: number,
): Promise<TlsIdentity> {
  const { pins, certificateAuthorities, serverName } = identity;
  if (!pins || certificateAuthorities) return identity;
  const secure = endpoints.map((endpoint) => new URL(endpoint)).filter(({ protocol }) => protocol === 'https:');
  const answers = await Promise.all(secure.map((url) => serverCertificates(url, serverName, limit)));
  const shown = answers.filter((chain) => chain !== undefined);
  const pinned = shown.filter(([leaf]) => isPinned(pins, leaf));
  const [url] = secure;
  if (url && shown.length > 0 && pinned.length === 0) throw pinMismatch(url.host);
  return pinned.length === 0 ? identity : { ...identity, certificateAuthorities: pinned.flat().map(String) };
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
