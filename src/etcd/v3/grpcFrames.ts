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
