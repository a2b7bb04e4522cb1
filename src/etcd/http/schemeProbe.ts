import { request } from 'node:http';
import { connect } from 'node:tls';
import { bareHost } from './bareHost.ts';

/**
 * Whether a TLS handshake with the endpoint succeeds. Sends and trusts nothing; it only finds out whether the endpoint
 * speaks TLS.
 */
export async function speaksTls(url: URL, limit: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({
    host: bareHost(url),
    port: Number(url.port || 443),
    rejectUnauthorized: false,
    timeout: limit,
  });
  socket.on('secureConnect', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) socket.on(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Whether the endpoint answers a plain HTTP request without content. */
export async function speaksPlainHttp(url: URL, limit: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = request({
    host: bareHost(url),
    port: Number(url.port || 80),
    path: '/version',
    timeout: limit,
  });
  probe.on('response', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) probe.on(event, () => resolve(false));
  probe.end();
  return promise.finally(() => probe.destroy());
}
