import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { RangeAnswer } from './rangeRows.ts';
import type { RangeRequestSchema, WatchCreateRequestSchema, WatchResponse } from './rpc_pb.js';

export interface CallOptions {
  /** Sign-in token of this request. */
  readonly token?: string | undefined;
  /** May be sent again when its fate is unknown: true of reads, never of writes. */
  readonly repeatable: boolean;
  /** Fail at once when the member knows no leader, rather than after etcd's own time limit. */
  readonly requireLeader: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One watch. */
export interface WatchCall {
  readonly request: MessageInitShape<typeof WatchCreateRequestSchema>;
  /** Is given each message of the watch, beginning with `created`, while it goes on. */
  readonly tell: (message: WatchResponse) => void;
  /** Is to be told, by a message without events, once etcd has told everything up to the present; see `tellsEnd`. */
  readonly catchUp?: boolean;
  readonly signal: AbortSignal;
}

/** How the messages of `rpc.proto` travel: the JSON gateway, or gRPC. Every failure is an EtcdError. */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>>;
  /** Bytes that an answer with many keys should have, so that decoding it holds up nothing else. */
  readonly pageBytes: number;
  /** As `unary` of a range request, whose answer may have very many keys. */
  range(request: MessageInitShape<typeof RangeRequestSchema>, options: CallOptions): Promise<RangeAnswer>;
  /**
   * Watches until `signal` aborts, then rejects as `cancelled`, or until etcd or the connection ends it; resolves where it should
   * be opened anew, from where it stopped.
   * @throws EtcdError `unsupported` where events do not come through
   */
  watch(call: WatchCall, token: string | undefined): Promise<void>;
  /** False once a watch has failed as `unsupported`. */
  readonly canWatch: boolean;
  /** Whether etcd says by its progress message that every watch has been told what was. */
  readonly tellsEnd: boolean;
}
