import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A port that forwards to a server and counts the bytes in both directions. */
export interface CountedPort {
  readonly endpoint: string;
  /** Bytes so far. */
  readonly bytes: number;
  close(): void;
}

export async function countedPort(port: number): Promise<CountedPort> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer({ noDelay: true }, (inner) => {
    const outer = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [[inner, outer] as const, [outer, inner] as const]) {
      sockets.add(from);
      from.on('data', (data) => (bytes += data.length));
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the counting proxy has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get bytes() {
      return bytes;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
