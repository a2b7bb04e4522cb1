import type { Http2Answer } from '../http/http2Client.ts';
import type { ServerStatus } from './serverErrors.ts';

/** A zero for "not compressed", and the message's length. */
const FRAME_HEADER_BYTES = 5;

/** A message as gRPC sends it. */
export function toFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/** The message of a body that holds exactly one frame, uncompressed; else undefined. */
export function fromFrame(body: Uint8Array): Uint8Array | undefined {
  const frame = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (frame.length < FRAME_HEADER_BYTES || frame[0] !== 0) return undefined;
  const message = frame.subarray(FRAME_HEADER_BYTES);
  return message.length === frame.readUInt32BE(1) ? message : undefined;
}

/** Finds the messages in a body that comes in chunks, wherever it is cut. */
export class FrameReader {
  #rest: Buffer[] = [];
  #length = 0;
  /** What must have come before the next message can be complete. */
  #wanted = FRAME_HEADER_BYTES;

  /** The messages that this chunk completes. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#rest.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return;
    let body = this.#rest.length === 1 ? (this.#rest[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#rest);
    while ((this.#wanted = frameLength(body)) <= body.length) {
      yield body.subarray(FRAME_HEADER_BYTES, this.#wanted);
      body = body.subarray(this.#wanted);
    }
    this.#rest = body.length === 0 ? [] : [body];
    this.#length = body.length;
  }
}

function frameLength(body: Buffer): number {
  return FRAME_HEADER_BYTES + (body.length < FRAME_HEADER_BYTES ? 0 : body.readUInt32BE(1));
}

/** How a call ended, by its trailers, or by its headers where there is no message; undefined: that is no gRPC. */
export function grpcStatus({
  trailers,
  headers,
}: Pick<Http2Answer, 'trailers' | 'headers'>): Required<ServerStatus> | undefined {
  const { 'grpc-status': code, 'grpc-message': message } = 'grpc-status' in trailers ? trailers : headers;
  if (typeof code !== 'string' || !/^\d+$/.test(code)) return undefined;
  return { code: Number(code), message: typeof message === 'string' ? percentDecoded(message) : '' };
}

/** Whatever is no valid escape stays as it is. */
function percentDecoded(text: string): string {
  const bytes = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
