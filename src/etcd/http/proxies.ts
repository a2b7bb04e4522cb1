import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { dialAddress, dialOptions, type Tunnel } from './dialing.ts';
import { unknownFields } from '../unknownFields.ts';

// See docs/contributing/decisions/transports.md

/**
 * Reports whether a request goes through a proxy. VS Code decides that for each request of `node:http` and
 * `node:https`, from its settings, the environment or the system, and marks the request. Node alone never reports.
 */
export function whenRouted(request: ClientRequest, report: (proxied: boolean) => void): void {
  request.once('proxy', (way: unknown) => report(unknownFields(way)['proxy'] !== 'DIRECT'));
}

/**
 * Creates a request that only opens its connection, along the same way as other requests to this endpoint. Nothing is
 * sent unless it is ended.
 */
export function unsentRequest(
  url: URL,
  options: RequestOptions & https.RequestOptions,
  tunnel?: Tunnel,
): ClientRequest {
  const address = dialAddress(url, tunnel);
  return (url.protocol === 'https:' ? https : http).request({
    ...address,
    ...options,
    ...dialOptions(url, tunnel, options.headers),
  });
}

/**
 * Whether requests to the endpoint go through a proxy.
 * @param limit milliseconds
 */
export async function isProxied(url: URL, limit: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = unsentRequest(url, { rejectUnauthorized: false, signal: AbortSignal.timeout(limit) });
  whenRouted(request, resolve);
  for (const event of ['socket', 'error', 'close']) request.on(event, () => resolve(false));
  return await promise.finally(() => request.destroy());
}
