import { fromJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import type { EtcdError } from '../../errors.ts';
import type { HttpAnswer } from '../../http/httpClient.ts';
import { notEtcdError } from '../../http/notEtcdError.ts';
import { unknownFields } from '../../unknownFields.ts';
import { serverError, type ServerStatus } from './serverErrors.ts';

type Origin = Pick<HttpAnswer, 'status' | 'endpoint'>;

/** Decodes the message in an answer of the gateway. @throws EtcdError `notEtcd` */
export function decode<O extends DescMessage>(schema: O, answer: HttpAnswer): MessageShape<O> {
  try {
    return fromJson(schema, unwrapped(JSON.parse(answer.text)), { ignoreUnknownFields: true });
  } catch (cause) {
    throw notEtcdError(answer.status, answer.endpoint, cause);
  }
}

/** Matches the header that begins all of etcd's messages, even if the gateway wraps them. */
const HEADER = /^\s*\{\s*(?:"result":\s*\{\s*)?"header":\s*\{[^{}]*?"cluster_id":\s*"(\d+)"/;

/** Returns the cluster in an answer's header, in hexadecimal digits. */
export function clusterNamed({ text }: HttpAnswer): string | undefined {
  const [, id = '0'] = HEADER.exec(text) ?? [];
  return id === '0' ? undefined : BigInt(id).toString(16);
}

/**
 * Decodes the message in one line of a stream's answer.
 * @throws EtcdError also if the line says why the stream ends
 */
export function lineMessage<O extends DescMessage>(
  schema: O,
  line: string,
  { status, endpoint }: Origin,
): MessageShape<O> {
  let json: JsonValue;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
  const { error } = unknownFields(json);
  if (error !== undefined) throw serverError(toStatus(error), status, endpoint);
  try {
    return fromJson(schema, unwrapped(json), { ignoreUnknownFields: true });
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
}

/** Explains an answer that is not 200. */
export function failureOf({ text, status, endpoint }: HttpAnswer): EtcdError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return serverError({ message: text.slice(0, 200) }, status, endpoint);
  }
  // The first generation of the gateway wraps the error of a call that is a stream in gRPC.
  const { error } = unknownFields(json);
  return serverError(toStatus(typeof error === 'object' ? error : json), status, endpoint);
}

/** Unwraps an answer of a call that is a stream in gRPC. */
function unwrapped(json: JsonValue): JsonValue {
  const isWrapped = typeof json === 'object' && json !== null && !Array.isArray(json) && json['result'] !== undefined;
  return isWrapped ? (json['result'] ?? null) : json;
}

/**
 * Reads a failure: both generations of the gateway write it in JSON, with different names; anything that is not etcd
 * writes a text of its own.
 */
function toStatus(json: unknown): ServerStatus {
  const { code, grpc_code: streamCode, message } = unknownFields(json);
  const number = code ?? streamCode;
  return { ...(typeof number === 'number' && { code: number }), message: typeof message === 'string' ? message : '' };
}
