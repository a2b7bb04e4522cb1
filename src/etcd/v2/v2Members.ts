import type { EtcdError } from '../errors.ts';
import { MAX_SHORT_ANSWER_BYTES } from '../http/answerLimits.ts';
import type { HttpAnswer, HttpClient } from '../http/httpClient.ts';
import { notEtcdError } from '../http/notEtcdError.ts';
import { unknownFields } from '../unknownFields.ts';

/**
 * Finds out whether the v2 API is on. The member list is the cheapest request for that: a hundred bytes, whatever the
 * keyspace, from the member itself, and open to anyone. A listing of the root would bring all its values.
 * @throws EtcdError of the network's kinds
 */
export async function speaksV2(http: HttpClient, signal?: AbortSignal): Promise<boolean> {
  return (await memberOrigins(http, signal)) !== undefined;
}

/** Returns the client origins that the cluster's members announce; undefined if the v2 API is off. */
export async function memberOrigins(http: HttpClient, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  const request = {
    method: 'GET',
    path: '/v2/members',
    repeatable: true,
    signal,
    maxBytes: MAX_SHORT_ANSWER_BYTES,
  } as const;
  const { status, text } = await http.send(request, { failureOf: proxyFailureOf, clusterOf: clusterNamed });
  if (status !== 200) return undefined;
  const members = membersOf(text);
  const urls = members?.flatMap((member) => unknownFields(member)['clientURLs'] ?? []);
  return (
    urls && new Set(urls.flatMap((url) => (typeof url === 'string' && URL.canParse(url) ? [new URL(url).origin] : [])))
  );
}

/** Returns the cluster that an answer of the v2 API names, in hexadecimal digits. */
export function clusterNamed({ headers }: Pick<HttpAnswer, 'headers'>): string | undefined {
  const id = headers['x-etcd-cluster-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Asks one endpoint for its cluster. @throws EtcdError of the network's kinds */
export async function clusterOfMember(http: HttpClient, endpoint: string): Promise<string | undefined> {
  return clusterNamed(await http.sendTo(endpoint, { method: 'GET', path: '/v2/members', repeatable: true }));
}

/** Error for a proxy's answer; a member without the v2 API answers for itself. */
function proxyFailureOf({ status, endpoint }: HttpAnswer): EtcdError | undefined {
  const failure = status === 200 ? undefined : notEtcdError(status, endpoint);
  return failure?.kind === 'unavailable' ? failure : undefined;
}

function membersOf(text: string): readonly unknown[] | undefined {
  try {
    const { members } = unknownFields(JSON.parse(text));
    return Array.isArray(members) ? members : undefined;
  } catch {
    return undefined;
  }
}
