import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { RangeAnswer } from './rangeRows.ts';
import type { RangeRequestSchema, WatchCreateRequestSchema, WatchResponse } from './rpc_pb.js';

// See docs/contributing/decisions/transports.md

export interface CallOptions {
  /** Sign-in token of this request. */
  readonly token?: string | undefined;
  /** May be sent again if its fate is unknown: true for reads, never for writes. */
  readonly repeatable: boolean;
  /** Fail immediately if the member knows no leader, rather than after etcd's own time limit. */
  readonly requireLeader: boolean;
  /** See `RequestTarget.within`. */
  readonly within?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One watch. */
export interface WatchCall {
  readonly request: MessageInitShape<typeof WatchCreateRequestSchema>;
  /** Called with each message of the watch, beginning with `created`. */
  readonly report: (message: WatchResponse) => void;
  /** Report once everything up to the present was delivered, with a message without events; see `tellsEnd`. */
  readonly catchUp?: boolean;
  readonly signal: AbortSignal;
}

/**
 * How the messages of `rpc.proto` travel: the JSON gateway, or gRPC. Every failure is an EtcdError. A message that may
 * not be repeated is sent at most once, and its failure says with `notCarriedOut` what became of it: true only if
 * nothing of the message was sent, or if the server answered that it refused it, whatever the failure's code.
 * Everything else, such as a TLS error, an unreachable network or an unreadable answer, leaves its fate unknown, and
 * the store looks it up.
 */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>>;
  /** Bytes that an answer with many keys should have, so that decoding it delays nothing else. */
  readonly pageBytes: number;
  /** Sends a range request as `unary` does, whose answer may have very many keys. */
  range(request: MessageInitShape<typeof RangeRequestSchema>, options: CallOptions): Promise<RangeAnswer>;
  /**
   * Yields the messages of a streamed answer until it is complete. etcd sends no faster than they are consumed, and
   * stops when the consumer does. Nothing limits the time between them.
   */
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): AsyncIterable<MessageShape<O>>;
  /**
   * Watches until `signal` aborts, then rejects as `cancelled`, or until etcd or the connection ends it; resolves if it
   * should be opened again from where it stopped.
   * @throws EtcdError `unsupported` if events do not arrive
   */
  watch(call: WatchCall, token: string | undefined): Promise<void>;
  /** False once a watch has failed as `unsupported`. */
  readonly canWatch: boolean;
  /** Whether etcd's progress message says that every watch has caught up. */
  readonly tellsEnd: boolean;
}
