import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

export interface CallOptions {
  /** Sign-in token of this request. */
  readonly token?: string | undefined;
  /** May be sent again when its fate is unknown: true of reads, never of writes. */
  readonly repeatable: boolean;
  /** Fail at once when the member knows no leader, rather than after etcd's own time limit. */
  readonly requireLeader: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How the messages of `rpc.proto` travel: the JSON gateway, or gRPC. Every failure is an EtcdError. */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>>;
}
