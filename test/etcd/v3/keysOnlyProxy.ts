import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMessage,
  type JsonValue,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  RangeRequestSchema,
  RangeResponseSchema,
  TxnRequestSchema,
  TxnResponseSchema,
  type RangeResponse,
  type TxnRequest,
  type TxnResponse,
} from '../../../src/etcd/v3/transport/rpc_pb.js';

/** A proxy in front of an etcd that reports, as etcd 3.7 does, no leases in answers without values. */
export interface KeysOnlyProxy {
  readonly endpoint: string;
  /** Number of answers from which a lease was removed. */
  readonly changed: number;
  close(): void;
}

const PREFIX_BYTES = 5;

/** Changes a message with `change`, in its binary form or as JSON. */
type Rewrite = <I extends DescMessage, O extends DescMessage>(
  input: I,
  output: O,
  change: (request: MessageShape<I>, answer: MessageShape<O>) => void,
) => Buffer;

/** @param endpoint of an etcd without TLS */
export async function keysOnlyProxy(endpoint: string, transport: 'grpc' | 'gateway'): Promise<KeysOnlyProxy> {
  let changed = 0;
  const strip = ({ kvs }: RangeResponse) => {
    if (kvs.some(({ lease }) => lease !== 0n)) changed++;
    for (const kv of kvs) kv.lease = 0n;
  };
  const rewritten = (path: string, rewrite: Rewrite): Buffer | undefined => {
    if (/range$/i.test(path))
      return rewrite(RangeRequestSchema, RangeResponseSchema, (request, answer) => {
        if (request.keysOnly) strip(answer);
      });
    if (/txn$/i.test(path))
      return rewrite(TxnRequestSchema, TxnResponseSchema, (request, answer) =>
        stripTransaction(request, answer, strip),
      );
    return undefined;
  };
  const server = transport === 'grpc' ? grpcServer(endpoint, rewritten) : gatewayServer(endpoint, rewritten);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    get changed() {
      return changed;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function stripTransaction(request: TxnRequest, answer: TxnResponse, strip: (range: RangeResponse) => void): void {
  const asked = answer.succeeded ? request.success : request.failure;
  answer.responses.forEach(({ response }, index) => {
    const ask = asked[index]?.request;
    if (ask?.case === 'requestRange' && ask.value.keysOnly && response.case === 'responseRange') strip(response.value);
  });
}

type Rewritten = (path: string, rewrite: Rewrite) => Buffer | undefined;

function gatewayServer(endpoint: string, rewritten: Rewritten) {
  return createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const body = await buffer(request);
      const answer = await fetch(new URL(url, endpoint), { method, ...(body.length > 0 && { body }) });
      const text = await answer.text();
      const rewrite: Rewrite = (input, output, change) => {
        const message = fromJson(output, json(text), { ignoreUnknownFields: true });
        change(fromJson(input, json(body.toString())), message);
        return Buffer.from(JSON.stringify(toJson(output, message, { useProtoFieldName: true })));
      };
      const sent = answer.ok ? (rewritten(url, rewrite) ?? text) : text;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(sent);
    })();
  });
}

function json(text: string): JsonValue {
  const parsed: JsonValue = JSON.parse(text);
  return parsed;
}

function grpcServer(endpoint: string, rewritten: Rewritten) {
  const session = connect(endpoint);
  const server = createHttp2Server();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    void (async () => {
      const path = headers[':path'] ?? '/';
      const { ':authority': _, ...sent } = headers;
      const asked = await buffer(stream);
      const upstream = session.request(sent);
      upstream.end(asked);
      let trailers = {};
      upstream.once('trailers', (received: object) => (trailers = plain(received)));
      const [answered] = await once(upstream, 'response');
      const body = await buffer(upstream);
      const rewrite: Rewrite = (input, output, change) => {
        const message = fromBinary(output, body.subarray(PREFIX_BYTES));
        change(fromBinary(input, asked.subarray(PREFIX_BYTES)), message);
        const bytes = toBinary(output, message);
        const prefix = Buffer.alloc(PREFIX_BYTES);
        prefix.writeUInt32BE(bytes.length, 1);
        return Buffer.concat([prefix, bytes]);
      };
      stream.respond(plain(answered), { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(body.length > 0 ? (rewritten(path, rewrite) ?? body) : body);
    })();
  });
  server.once('close', () => session.destroy());
  return server;
}

/** Copies headers without the symbols that Node adds. */
function plain(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
