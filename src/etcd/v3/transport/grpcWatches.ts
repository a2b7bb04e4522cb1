import { cancelled } from '../../cancelled.ts';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../errors.ts';
import type { Http2Answer } from '../../http/http2Answer.ts';
import type { Http2Call, Http2Client } from '../../http/http2Client.ts';
import type { RequestTarget } from '../../http/endpoints.ts';
import { notEtcdError } from '../../http/notEtcdError.ts';
import { FrameReader, grpcStatus, toFrame } from './grpcFrames.ts';
import { Watch, WatchRequestSchema, WatchResponseSchema, type WatchResponse } from './rpc_pb.js';
import { serverError } from './serverErrors.ts';
import type { WatchCall } from './transport.ts';
import { refusal, watchEnded } from './watchErrors.ts';

const PATH = `/${Watch.typeName}/${Watch.method.watch.name}`;
const HEARTBEAT = 30_000;
/** How often to request progress while catching up; etcd itself catches up every 100 ms. */
const CATCHING_UP = 100;

interface OpenWatch extends WatchCall {
  readonly ended: PromiseWithResolvers<never>;
  /** True once nobody wants the watch any more. */
  dropped: boolean;
  /** True until etcd reports that the watch has caught up with the present. */
  behind: boolean;
}

/** One call of etcd's Watch service, which carries any number of watches and lives as long as one of them. */
export class GrpcWatches {
  readonly #http: Http2Client;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #closed: () => void;
  readonly #heartbeat: number;
  readonly #clusterOf: RequestTarget['clusterOf'];
  readonly #frames = new FrameReader();
  readonly #over = new AbortController();
  readonly #watches = new Map<bigint, OpenWatch>();
  /** Watches that etcd was not asked for yet. */
  #waiting: OpenWatch[] = [];
  /** The watch that etcd is being asked for; one at a time, because refusals do not name a watch. */
  #creating: OpenWatch | undefined;
  #call: Http2Call | undefined;
  #failure: EtcdError | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #catchingUp: NodeJS.Timeout | undefined;
  /** True if something arrived since the latest heartbeat. */
  #heard = true;
  #asked = false;
  /** Whether progress requests are answered: etcd answers them since 3.4, but a proxy may block them. */
  #answersProgress = false;

  /**
   * @param closed called when no further watch can be opened here
   * @param heartbeat milliseconds of silence after which etcd is asked for a sign of life
   * @param clusterOf see RequestTarget
   */
  constructor(
    http: Http2Client,
    headers: Readonly<Record<string, string>>,
    closed: () => void,
    heartbeat: number = HEARTBEAT,
    clusterOf?: RequestTarget['clusterOf'],
  ) {
    this.#clusterOf = clusterOf;
    this.#http = http;
    this.#headers = headers;
    this.#closed = closed;
    this.#heartbeat = heartbeat;
  }

  /** Opens a watch; rejects when it ends, for whatever reason. @throws EtcdError */
  async watch(call: WatchCall): Promise<never> {
    const watch: OpenWatch = {
      ...call,
      ended: Promise.withResolvers<never>(),
      dropped: false,
      behind: call.catchUp ?? false,
    };
    const drop = () => this.#drop(watch);
    if (call.signal.aborted) throw cancelled();
    call.signal.addEventListener('abort', drop, { once: true });
    this.#waiting.push(watch);
    this.#createNext();
    return await watch.ended.promise.finally(() => call.signal.removeEventListener('abort', drop));
  }

  #createNext(): void {
    const isOpening = this.#pulse !== undefined && !this.#call;
    if (this.#creating || isOpening) return;
    this.#creating = this.#waiting.shift();
    if (!this.#creating) return;
    const frame = requestFrame({ case: 'createRequest', value: this.#creating.request });
    if (this.#call) this.#call.send(frame);
    else void this.#open(frame);
  }

  async #open(first: Uint8Array): Promise<void> {
    this.#pulse = setInterval(() => this.#feelPulse(), this.#heartbeat);
    try {
      const receive = (chunk: Uint8Array) => this.#receive(chunk);
      const signal = this.#over.signal;
      const opening = { path: PATH, headers: this.#headers, first, receive, signal, clusterOf: this.#clusterOf };
      this.#call = await this.#http.open(opening, failureOf);
      // The answer to this request shows whether later silence means that etcd is gone.
      this.#call.send(requestFrame({ case: 'progressRequest', value: {} }));
      this.#createNext();
      this.#end(failureOf(await this.#call.ended));
    } catch (error) {
      this.#end(error);
    }
  }

  #receive(chunk: Uint8Array): void {
    this.#heard = true;
    try {
      for (const frame of this.#frames.push(chunk)) this.#take(fromBinary(WatchResponseSchema, frame));
    } catch (cause) {
      if (EtcdError.is(cause)) this.#fail(cause);
      else this.#fail(new EtcdError('unexpected', l10n.t('etcd sent something that is not an event.'), { cause }));
    }
  }

  #take(message: WatchResponse): void {
    if (message.created) this.#takeCreated(message);
    else if (message.watchId < 0n) this.#takeProgress(message);
    else if (message.canceled) this.#takeCancelled(message);
    else this.#watches.get(message.watchId)?.report(message);
  }

  /** Handles a progress message, which etcd sends only once every watch of the call has caught up. */
  #takeProgress(message: WatchResponse): void {
    this.#answersProgress = true;
    for (const watch of this.#watches.values()) {
      if (watch.behind) watch.report(message);
      watch.behind = false;
    }
  }

  #askForEnd(): void {
    this.#catchingUp ??= setInterval(() => {
      if ([...this.#watches.values()].some(({ behind }) => behind)) {
        this.#call?.send(requestFrame({ case: 'progressRequest', value: {} }));
        return;
      }
      clearInterval(this.#catchingUp);
      this.#catchingUp = undefined;
    }, CATCHING_UP);
  }

  #takeCreated(message: WatchResponse): void {
    const watch = this.#creating;
    this.#creating = undefined;
    if (watch && message.canceled) watch.ended.reject(refusal(message));
    else if (watch && !watch.dropped) {
      this.#watches.set(message.watchId, watch);
      watch.report(message);
      if (watch.behind) this.#askForEnd();
    } else if (!message.canceled) this.#cancel(message.watchId);
    this.#createNext();
    this.#closeIfUnused();
  }

  #takeCancelled(message: WatchResponse): void {
    const watch = this.#watches.get(message.watchId);
    this.#watches.delete(message.watchId);
    watch?.ended.reject(refusal(message));
    this.#closeIfUnused();
  }

  #drop(watch: OpenWatch): void {
    watch.dropped = true;
    watch.ended.reject(cancelled());
    this.#waiting = this.#waiting.filter((other) => other !== watch);
    for (const [id, other] of this.#watches)
      if (other === watch) {
        this.#watches.delete(id);
        this.#cancel(id);
      }
    this.#closeIfUnused();
  }

  #cancel(watchId: bigint): void {
    this.#call?.send(requestFrame({ case: 'cancelRequest', value: { watchId } }));
  }

  #closeIfUnused(): void {
    const isUsed = this.#watches.size > 0 || this.#waiting.length > 0 || (this.#creating && !this.#creating.dropped);
    if (!isUsed) this.#fail(cancelled());
  }

  /**
   * Checks for a sign of life. HTTP/2 pings find a lost connection; this finds an etcd that is gone behind a proxy
   * which answers them.
   */
  #feelPulse(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#asked = false;
    } else if (!this.#asked) {
      this.#call?.send(requestFrame({ case: 'progressRequest', value: {} }));
      this.#asked = true;
    } else if (this.#answersProgress) this.#fail(silent());
  }

  #fail(error: EtcdError): void {
    this.#failure ??= error;
    this.#end(error);
  }

  #end(error: unknown): void {
    clearInterval(this.#pulse);
    clearInterval(this.#catchingUp);
    this.#closed();
    const all = [...this.#watches.values(), ...this.#waiting, ...(this.#creating ? [this.#creating] : [])];
    this.#watches.clear();
    this.#waiting = [];
    this.#creating = undefined;
    for (const { ended } of all) ended.reject(this.#failure ?? error);
    this.#over.abort();
  }
}

function requestFrame(union: NonNullable<MessageInitShape<typeof WatchRequestSchema>['requestUnion']>): Uint8Array {
  return toFrame(toBinary(WatchRequestSchema, create(WatchRequestSchema, { requestUnion: union })));
}

function failureOf(answer: Http2Answer): EtcdError {
  const status = grpcStatus(answer);
  if (answer.status !== 200 || status === undefined) return notEtcdError(answer.status, answer.endpoint);
  if (status.code !== 0) return serverError(status, answer.status, answer.endpoint);
  return watchEnded(answer.endpoint);
}

function silent(): EtcdError {
  return new EtcdError('connectionLost', l10n.t('etcd stopped responding.'));
}
