import { unknownFields } from '../unknownFields.ts';
import type { Http2Client } from './http2Client.ts';
import type { HttpClient } from './httpClient.ts';
import { notEtcdError } from './notEtcdError.ts';

/**
 * The etcd version that answers, such as `3.5.16`; every etcd tells it to everyone.
 * @throws EtcdError
 */
export async function readServerVersion(http: HttpClient | Http2Client, signal?: AbortSignal): Promise<string> {
  const answer = await http.send({ method: 'GET', path: '/version', repeatable: true, signal });
  try {
    const { etcdserver: version } = unknownFields(
      JSON.parse('text' in answer ? answer.text : Buffer.from(answer.body).toString()),
    );
    if (typeof version === 'string') return version;
  } catch (cause) {
    throw notEtcdError(answer.status, answer.endpoint, cause);
  }
  throw notEtcdError(answer.status, answer.endpoint);
}
