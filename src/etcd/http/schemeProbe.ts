import { request } from 'node:http';
import { connect } from 'node:tls';
import { dialAddress, type Tunnel } from './dialing.ts';

/**
 * Whether a TLS handshake with the endpoint succeeds. Sends and trusts nothing; it only finds out whether the endpoint
 * speaks TLS.
 */
export async function speaksTls(url: URL, limit: number, tunnel?: Tunnel): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ ...dialAddress(url, tunnel), rejectUnauthorized: false, timeout: limit });
  socket.on('secureConnect', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) socket.on(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** Whether the endpoint answers a plain HTTP request without content. */
export async function speaksPlainHttp(url: URL, limit: number, tunnel?: Tunnel): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = request({ ...dialAddress(url, tunnel), path: '/version', timeout: limit });
  probe.on('response', () => resolve(true));
  for (const event of ['error', 'close', 'timeout']) probe.on(event, () => resolve(false));
  probe.end();
  return promise.finally(() => probe.destroy());
}
