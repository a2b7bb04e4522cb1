import { fromJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import type { EtcdError } from '../errors.ts';
import type { HttpAnswer } from '../http/httpClient.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { unknownFields } from '../unknownFields.ts';
import { WatchResponseSchema, type WatchResponse } from './rpc_pb.js';
import { serverError, type ServerStatus } from './serverErrors.ts';

type Origin = Pick<HttpAnswer, 'status' | 'endpoint'>;

/** The message in an answer of the gateway. @throws EtcdError `notEtcd` */
export function decode<O extends DescMessage>(schema: O, answer: HttpAnswer): MessageShape<O> {
  try {
    return fromJson(schema, unwrapped(JSON.parse(answer.text)), { ignoreUnknownFields: true });
  } catch (cause) {
    throw notEtcdError(answer.status, answer.endpoint, cause);
  }
}

/**
 * The message in one line of a watch's answer.
 * @throws EtcdError also where the line says why the watch ends
 */
export function watchMessage(line: string, { status, endpoint }: Origin): WatchResponse {
  let json: JsonValue;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
  const { error } = unknownFields(json);
  if (error !== undefined) throw serverError(toStatus(error), status, endpoint);
  try {
    return fromJson(WatchResponseSchema, unwrapped(json), { ignoreUnknownFields: true });
  } catch (cause) {
    throw notEtcdError(status, endpoint, cause);
  }
}

/** What an answer says that is not 200. */
export function failureOf({ text, status, endpoint }: HttpAnswer): EtcdError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return serverError({ message: text.slice(0, 200) }, status, endpoint);
  }
  // Of a call that is a stream in gRPC, the first generation of the gateway wraps it.
  const { error } = unknownFields(json);
  return serverError(toStatus(typeof error === 'object' ? error : json), status, endpoint);
}

/** So the gateway wraps the answers of calls that are streams in gRPC. */
function unwrapped(json: JsonValue): JsonValue {
  const isWrapped = typeof json === 'object' && json !== null && !Array.isArray(json) && json['result'] !== undefined;
  return isWrapped ? (json['result'] ?? null) : json;
}

/** Both generations of the gateway say it in JSON, with different names; what is not etcd says it in a text of its own. */
function toStatus(json: unknown): ServerStatus {
  const { code, grpc_code: streamCode, message } = unknownFields(json);
  const number = code ?? streamCode;
  return { ...(typeof number === 'number' && { code: number }), message: typeof message === 'string' ? message : '' };
}
