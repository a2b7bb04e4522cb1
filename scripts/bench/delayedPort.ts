import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Opens a port that forwards to a server and lengthens round trips. */
export async function delayedPort(port: number, milliseconds: number): Promise<{ endpoint: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (inner) => {
    const outer = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [[inner, outer] as const, [outer, inner] as const]) {
      sockets.add(from);
      // Timers of the same length end in the order in which they began.
      from.on('data', (data) => setTimeout(() => to.writable && to.write(data), milliseconds / 2));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        setTimeout(() => to.destroy(), milliseconds / 2);
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the delaying proxy has no port');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${address.port}`, close };
}
