import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ENDPOINT } from './outside.ts';

/** Silence in milliseconds after which nothing is under way any more. */
const QUIET = 300;

/** A connection to the tests' etcd, or to another one, that can be cut. */
export class Gate {
  readonly endpoint: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  /** Sockets of clients, with those to the server. */
  readonly #ways = new Map<Socket, Socket>();
  #server: Server;
  /** Chunks that clients have sent so far; each belongs to a request, or acknowledges an answer. */
  sent = 0;
  readonly #outer: string;

  private constructor(server: Server, port: number, outer: string) {
    this.#server = server;
    this.#port = port;
    this.#outer = outer;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async open(outer = ENDPOINT): Promise<Gate> {
    const server = createServer();
    await listen(server, 0);
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('the gate has no port');
    const gate = new Gate(server, address.port, outer);
    gate.#let();
    return gate;
  }

  /** Waits until everything under way has arrived; returns the number of chunks sent by then. */
  async quietened(): Promise<number> {
    for (let before = -1; before !== this.sent; await delay(QUIET)) before = this.sent;
    return this.sent;
  }

  /** Ends all connections and refuses new ones. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async restore(): Promise<void> {
    this.#server = createServer();
    this.#let();
    await listen(this.#server, this.#port);
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.cut();
  }

  /** Holds back what clients send from now on. Resolves to a function that releases it, once there is something. */
  async hold(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const releases: (() => void)[] = [];
    for (const [inner, outer] of this.#ways) {
      const kept: Buffer[] = [];
      const keep = (chunk: Buffer) => {
        kept.push(chunk);
        resolve();
      };
      inner.unpipe(outer);
      inner.on('data', keep).resume();
      releases.push(() => {
        inner.off('data', keep);
        for (const chunk of kept) outer.write(chunk);
        inner.pipe(outer);
      });
    }
    await promise;
    return () => releases.forEach((release) => release());
  }

  #let(): void {
    this.#server.on('connection', (inner) => {
      const { hostname, port } = new URL(this.#outer);
      const outer = connect(Number(port), hostname);
      this.#ways.set(inner, outer);
      inner.on('close', () => this.#ways.delete(inner));
      for (const [socket, other] of [[inner, outer] as const, [outer, inner] as const]) {
        this.#sockets.add(socket);
        socket.pipe(other);
        if (socket === inner) socket.on('data', () => this.sent++);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
