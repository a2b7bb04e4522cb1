import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Identity } from '../fixtures/certificates.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server in place of an etcd: answers by itself, or forwards a request. */
export interface StandIn {
  readonly endpoint: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** @param tls its certificate; plain HTTP without it */
export async function startStandIn(
  answer: (received: Received, response: ServerResponse) => Promise<void> | void,
  tls?: Identity,
): Promise<StandIn> {
  const all: Received[] = [];
  const listener: RequestListener = (incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url: path = '', headers } = incoming;
      const received = { method, path, headers, body };
      all.push(received);
      return answer(received, response);
    });
  };
  const server = tls ? createSecureServer({ cert: tls.certPem, key: tls.keyPem }, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    received: all,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends the request to an etcd; writes its answer only if there is a response. */
export async function passOn(endpoint: string, received: Received, response?: ServerResponse): Promise<void> {
  const { method, path, headers, body } = received;
  const outgoing = request(new URL(path, endpoint), { method, headers });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  const content = await text(answer);
  response?.writeHead(answer.statusCode, answer.headers).end(content);
}
