import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../errors.ts';
import { MAX_ANSWER_BYTES } from '../../http/answerLimits.ts';
import type { Http2Answer } from '../../http/http2Answer.ts';
import { ResponseHeaderSchema } from './rpc_pb.js';
import type { ServerStatus } from './serverErrors.ts';

/** Bytes of a frame's header: a zero byte for "not compressed", and the message's length. */
const FRAME_HEADER_BYTES = 5;

/** Encodes a message as gRPC sends it. */
export function toFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/** Returns the message of a body with exactly one uncompressed frame; otherwise undefined. */
export function fromFrame(body: Uint8Array): Uint8Array | undefined {
  const frame = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (frame.length < FRAME_HEADER_BYTES || frame[0] !== 0) return undefined;
  const message = frame.subarray(FRAME_HEADER_BYTES);
  return message.length === frame.readUInt32BE(1) ? message : undefined;
}

/** Finds the messages in a body that comes in chunks, wherever it is cut. */
export class FrameReader {
  readonly #maxBytes: number;
  #rest: Buffer[] = [];
  #length = 0;
  /** Bytes that must arrive before the next message can be complete. */
  #wanted = FRAME_HEADER_BYTES;

  constructor(maxBytes = MAX_ANSWER_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Yields the messages that this chunk completes. @throws EtcdError `answerTooLarge` as soon as a message announces
   * such a size
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#rest.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return;
    let body = this.#rest.length === 1 ? (this.#rest[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#rest);
    while ((this.#wanted = frameLength(body)) <= body.length) {
      yield body.subarray(FRAME_HEADER_BYTES, this.#wanted);
      body = body.subarray(this.#wanted);
    }
    if (this.#wanted > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#rest = body.length === 0 ? [] : [body];
    this.#length = body.length;
  }
}

function tooLarge(maxBytes: number): EtcdError {
  return new EtcdError(
    'answerTooLarge',
    l10n.t('The server announced a message of more than {0} MB, which was not read.', maxBytes / (1024 * 1024)),
  );
}

function frameLength(body: Buffer): number {
  return FRAME_HEADER_BYTES + (body.length < FRAME_HEADER_BYTES ? 0 : body.readUInt32BE(1));
}

/** Returns the cluster in a message's header, with which each of etcd's messages begins, in hexadecimal digits. */
export function clusterOfHeader(message: Uint8Array): string | undefined {
  try {
    const reader = new BinaryReader(message);
    if (reader.len === 0 || reader.tag()[0] !== 1) return undefined;
    const { clusterId } = fromBinary(ResponseHeaderSchema, reader.bytes());
    return clusterId === 0n ? undefined : clusterId.toString(16);
  } catch {
    // The decoder reports a message that is not one.
    return undefined;
  }
}

/**
 * Returns how a call ended, from its trailers or, without a message, from its headers; undefined if the answer is not
 * gRPC.
 */
export function grpcStatus({
  trailers,
  headers,
}: Pick<Http2Answer, 'trailers' | 'headers'>): Required<ServerStatus> | undefined {
  const { 'grpc-status': code, 'grpc-message': message } = 'grpc-status' in trailers ? trailers : headers;
  if (typeof code !== 'string' || !/^\d+$/.test(code)) return undefined;
  return { code: Number(code), message: typeof message === 'string' ? percentDecoded(message) : '' };
}

/** Decodes percent escapes; invalid ones stay as they are. */
function percentDecoded(text: string): string {
  const bytes = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
