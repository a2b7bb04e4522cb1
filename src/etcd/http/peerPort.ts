import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { HttpClient } from './httpClient.ts';

/** Whether the endpoint is a peer port: only there, etcd lists the members at a plain path. */
export async function isPeerPort(http: HttpClient, signal?: AbortSignal): Promise<boolean> {
  try {
    const answer = await http.send({ method: 'GET', path: '/members', repeatable: true, signal });
    return answer.status === 200 && answer.headers['x-etcd-cluster-id'] !== undefined;
  } catch (error) {
    if (EtcdError.is(error)) return false;
    throw error;
  }
}

/** Explains what to do about an endpoint that is a peer port. */
export function peerPortSentence(endpoint: string): string {
  return l10n.t(
    '{0} is a peer port of etcd, at which its members talk to each other. Use the client port, which is 2379 unless "--listen-client-urls" says otherwise.',
    new URL(endpoint).host,
  );
}
