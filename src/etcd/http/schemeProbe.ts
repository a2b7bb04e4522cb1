import { request } from 'node:http';
import { connect } from 'node:tls';

/** Whether a TLS handshake with the endpoint succeeds. Sends nothing and trusts nothing: it only tells what is spoken there. */
export async function speaksTls({ hostname, port }: URL, limit: number): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, timeout: limit });
  socket.on('secureConnect', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) socket.on(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Whether the endpoint answers a plain HTTP request that carries nothing. */
export async function speaksPlainHttp({ hostname, port }: URL, limit: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = request({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    path: '/version',
    timeout: limit,
  });
  probe.on('response', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) probe.on(event, () => resolve(false));
  probe.end();
  return promise.finally(() => probe.destroy());
}
