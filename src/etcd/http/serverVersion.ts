import { unknownFields } from '../unknownFields.ts';
import { MAX_SHORT_ANSWER_BYTES } from './answerLimits.ts';
import type { EtcdError } from '../errors.ts';
import type { Http2Answer } from './http2Answer.ts';
import type { Http2Client } from './http2Client.ts';
import type { HttpAnswer, HttpClient } from './httpClient.ts';
import { notEtcdError } from './notEtcdError.ts';

/**
 * Reads etcd's version, such as `3.5.16`, which every etcd reports to everyone.
 * @throws EtcdError
 */
export async function readServerVersion(http: HttpClient | Http2Client, signal?: AbortSignal): Promise<string> {
  const request = {
    method: 'GET',
    path: '/version',
    repeatable: true,
    signal,
    maxBytes: MAX_SHORT_ANSWER_BYTES,
  } as const;
  const failureOf = (answer: Answer) => {
    const read = versionOf(answer);
    return typeof read === 'string' ? undefined : read;
  };
  const version = versionOf(await http.send(request, { failureOf }));
  if (typeof version === 'string') return version;
  throw version;
}

type Answer = HttpAnswer | Http2Answer;

function versionOf(answer: Answer): string | EtcdError {
  try {
    const { etcdserver: version } = unknownFields(
      JSON.parse('text' in answer ? answer.text : Buffer.from(answer.body).toString()),
    );
    return typeof version === 'string' ? version : notEtcdError(answer.status, answer.endpoint);
  } catch (cause) {
    return notEtcdError(answer.status, answer.endpoint, cause);
  }
}
