import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server whose answers can be held back, so that what waits for them can be seen and clicked. */
export class HeldPort {
  readonly endpoint: string;
  readonly #close: () => void;
  readonly #answers: Set<Socket>;
  #isHeld = false;

  private constructor(port: number, answers: Set<Socket>, close: () => void) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#answers = answers;
    this.#close = close;
  }

  static async open(port: number): Promise<HeldPort> {
    const answers = new Set<Socket>();
    const server = createServer((inner) => {
      const outer = connect(port, '127.0.0.1');
      inner.pipe(outer);
      outer.on('data', (data) => inner.write(data));
      if (held.#isHeld) outer.pause();
      answers.add(outer);
      for (const [socket, other] of [[inner, outer] as const, [outer, inner] as const]) {
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          answers.delete(socket);
          other.destroy();
        });
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the held port has no number');
    const held: HeldPort = new HeldPort(address.port, answers, () => {
      for (const socket of answers) socket.destroy();
      server.close();
    });
    return held;
  }

  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#answers) socket.pause();
  }

  release(): void {
    this.#isHeld = false;
    for (const socket of this.#answers) socket.resume();
  }

  close(): void {
    this.#close();
  }
}
