import { unknownFields } from '../unknownFields.ts';
import type { HttpClient } from './httpClient.ts';
import { notEtcdError } from './notEtcdError.ts';

/**
 * The etcd version that answers, such as `3.5.16`; every etcd tells it to everyone.
 * @throws EtcdError
 */
export async function readServerVersion(http: HttpClient, signal?: AbortSignal): Promise<string> {
  const answer = await http.send({ method: 'GET', path: '/version', repeatable: true, signal });
  try {
    const { etcdserver: version } = unknownFields(JSON.parse(answer.text));
    if (typeof version === 'string') return version;
  } catch (cause) {
    throw notEtcdError(answer.status, answer.endpoint, cause);
  }
  throw notEtcdError(answer.status, answer.endpoint);
}
