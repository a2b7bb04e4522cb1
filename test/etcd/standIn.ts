import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Stands in the place of an etcd: answers by itself, or passes a request on. */
export interface StandIn {
  readonly endpoint: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

export async function startStandIn(
  answer: (received: Received, response: ServerResponse) => Promise<void> | void,
): Promise<StandIn> {
  const all: Received[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url: path = '', headers } = incoming;
      const received = { method, path, headers, body };
      all.push(received);
      return answer(received, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    received: all,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Has an etcd carry out the request; what it answers goes back only where there is a response to write. */
export async function passOn(endpoint: string, received: Received, response?: ServerResponse): Promise<void> {
  const { method, path, headers, body } = received;
  const outgoing = request(new URL(path, endpoint), { method, headers });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  const content = await text(answer);
  response?.writeHead(answer.statusCode, answer.headers).end(content);
}
