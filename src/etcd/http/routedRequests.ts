import http, { ClientRequest, type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { dialOptions, type Tunnel } from './dialing.ts';
import { whenRouted } from './proxies.ts';

// See docs/contributing/decisions/transports.md

/**
 * Creates the requests of one client. VS Code decides the route of each request, and replaces its agent for that, so
 * each would open a connection of its own. Once VS Code has decided that an endpoint needs no proxy, requests to it go
 * past VS Code and keep their connections, until the last of these ends.
 */
export class RoutedRequests {
  /** Open connections past VS Code, by origin; an origin without an entry needs a decision by VS Code. */
  readonly #direct = new Map<string, Set<Socket>>();
  readonly #tunnel: Tunnel | undefined;
  #proxied = false;

  constructor(tunnel?: Tunnel) {
    this.#tunnel = tunnel;
  }

  /** Whether the latest request went through a proxy of VS Code. */
  get proxied(): boolean {
    return this.#proxied;
  }

  /** @param options with the agent that keeps connections */
  request(url: URL, asked: RequestOptions, callback?: (response: IncomingMessage) => void): ClientRequest {
    const options = { ...asked, ...dialOptions(url, this.#tunnel, asked.headers) };
    const sockets = this.#direct.get(url.origin);
    // VS Code adds the system's authorities to a request without any, so such a request must not go past it.
    if (sockets && (url.protocol === 'http:' || options.ca !== undefined))
      return this.#directly(url, options, sockets, callback);
    const request = (url.protocol === 'https:' ? https : http).request(url, options, callback);
    whenRouted(request, (proxied) => {
      this.#proxied = proxied;
      if (proxied) this.#direct.delete(url.origin);
      else if (!this.#direct.has(url.origin)) this.#direct.set(url.origin, new Set());
    });
    return request;
  }

  #directly(
    url: URL,
    options: RequestOptions,
    sockets: Set<Socket>,
    callback?: (response: IncomingMessage) => void,
  ): ClientRequest {
    const request = new ClientRequest({ ...urlToHttpOptions(url), ...options }, callback);
    // The network may have changed, and need a proxy now.
    const decideAgain = () => {
      if (this.#direct.get(url.origin) === sockets) this.#direct.delete(url.origin);
    };
    request.once('error', decideAgain);
    request.once('socket', (socket) => {
      if (sockets.has(socket)) return;
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        if (sockets.size === 0) decideAgain();
      });
    });
    return request;
  }
}
