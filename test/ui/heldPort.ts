import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Forwards to a server and can hold answers back, so that waiting states can be seen and clicked. */
export class HeldPort {
  readonly endpoint: string;
  readonly #close: () => void;
  readonly #answers: Set<Socket>;
  readonly #sockets: Set<Socket>;
  #isHeld = false;
  /** Requests are held after an answer of this many bytes. */
  #largeAnswer = Infinity;

  private constructor(port: number, answers: Set<Socket>, sockets: Set<Socket>, close: () => void) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#answers = answers;
    this.#sockets = sockets;
    this.#close = close;
  }

  static async open(port: number): Promise<HeldPort> {
    const answers = new Set<Socket>();
    const sockets = new Set<Socket>();
    const server = createServer((inner) => {
      const outer = connect(port, '127.0.0.1');
      inner.pipe(outer);
      outer.on('data', (data) => {
        inner.write(data);
        if (data.length >= held.#largeAnswer) inner.pause();
      });
      answers.add(outer);
      if (held.#isHeld) outer.pause();
      for (const socket of [inner, outer]) sockets.add(socket);
      for (const [socket, other] of [[inner, outer] as const, [outer, inner] as const]) {
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          answers.delete(socket);
          other.destroy();
        });
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the held port has no number');
    const held: HeldPort = new HeldPort(address.port, answers, sockets, () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return held;
  }

  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#answers) socket.pause();
  }

  /** Holds all requests once an answer of this many bytes has come. */
  holdAfterAnswer(bytes: number): void {
    this.#largeAnswer = bytes;
  }

  release(): void {
    this.#isHeld = false;
    this.#largeAnswer = Infinity;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#close();
  }
}
