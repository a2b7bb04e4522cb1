import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { unknownFields } from '../../../src/etcd/unknownFields.ts';

/** Type of a TLS record with application data. */
const TLS_APPLICATION_DATA = 0x17;
/** Length of the header of a TLS record. */
const FIRST_CONTENT = 5;

/** A proxy between a client in this process and an etcd that breaks connections in the middle of an answer. */
export interface BreakingProxy {
  readonly port: number;
  /** Holds answers back from the next write on, while etcd gets everything that is sent. */
  hold(): void;
  /** Makes the client's system report this failure on every open connection; later connections are fine. */
  fail(code: string): void;
  /** Delivers what was held back with one byte changed. */
  corrupt(): void;
  /** Accepts no more connections, and ends open ones. */
  stop(): Promise<void>;
  close(): void;
}

export async function breakingProxy(etcdPort: number): Promise<BreakingProxy> {
  const clients: Socket[] = [];
  const pairs = new Set<{ readonly client: Socket; readonly etcd: Socket; held: Buffer[] | undefined }>();
  let isHolding = false;
  const server = createServer((client) => {
    const etcd = connect(etcdPort, '127.0.0.1');
    const pair: { client: Socket; etcd: Socket; held: Buffer[] | undefined } = { client, etcd, held: undefined };
    pairs.add(pair);
    client.on('error', () => undefined);
    etcd.on('error', () => undefined);
    client.on('data', (data) => {
      if (isHolding && isForEtcd(data)) pair.held ??= [];
      etcd.write(data);
    });
    etcd.on('data', (data) => void (pair.held ? pair.held.push(data) : client.write(data)));
    client.on('close', () => {
      pairs.delete(pair);
      etcd.destroy();
    });
    etcd.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const opened = (message: unknown) => {
    const { socket } = unknownFields(message);
    const isOurs = () => (socket as Socket).remotePort === port;
    (socket as Socket).once('connect', () => void (isOurs() && clients.push(socket as Socket)));
  };
  subscribe('net.client.socket', opened);
  const end = () => {
    for (const { client, etcd } of pairs) for (const socket of [client, etcd]) socket.destroy();
  };
  return {
    port,
    hold() {
      isHolding = true;
    },
    fail(code) {
      isHolding = false;
      for (const socket of clients.splice(0))
        socket.destroy(Object.assign(new Error(`read ${code}`), { code, syscall: 'read' }));
    },
    corrupt() {
      isHolding = false;
      for (const { client, held } of pairs) {
        if (held === undefined) continue;
        const answer = Buffer.concat(held);
        answer[FIRST_CONTENT] = (answer[FIRST_CONTENT] ?? 0) ^ 0xff;
        client.write(answer);
      }
    },
    async stop() {
      server.close();
      end();
      await once(server, 'close');
    },
    close() {
      unsubscribe('net.client.socket', opened);
      server.close();
      end();
    },
  };
}

/** Whether data must reach etcd with an answer: TLS handshakes, and the reads that begin a v2 write. */
function isForEtcd(data: Buffer): boolean {
  if (!isTls(data)) return data.subarray(0, 4).toString('latin1') !== 'GET ';
  // The end of a handshake may come with the request.
  for (let at = 0; at + FIRST_CONTENT <= data.length; at += FIRST_CONTENT + data.readUInt16BE(at + 3))
    if (data[at] === TLS_APPLICATION_DATA) return true;
  return false;
}

function isTls([type = 0, major]: Buffer): boolean {
  return type >= 0x14 && type <= TLS_APPLICATION_DATA && major === 3;
}
