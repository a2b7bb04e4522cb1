import type { HttpClient } from '../http/httpClient.ts';
import { unknownFields } from '../unknownFields.ts';

/**
 * Whether the v2 API is switched on. The member list is the cheapest thing to tell it by: a hundred bytes, whatever the
 * keyspace, from the member itself, and to anyone. A listing of the root has all the values there.
 * @throws EtcdError of the network's kinds
 */
export async function speaksV2(http: HttpClient, signal?: AbortSignal): Promise<boolean> {
  return (await memberOrigins(http, signal)) !== undefined;
}

/** The client origins that the cluster's members announce; undefined where the v2 API is switched off. */
export async function memberOrigins(http: HttpClient, signal?: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  const { status, text } = await http.send({ method: 'GET', path: '/v2/members', repeatable: true, signal });
  if (status !== 200) return undefined;
  const members = membersOf(text);
  const urls = members?.flatMap((member) => unknownFields(member)['clientURLs'] ?? []);
  return (
    urls && new Set(urls.flatMap((url) => (typeof url === 'string' && URL.canParse(url) ? [new URL(url).origin] : [])))
  );
}

function membersOf(text: string): readonly unknown[] | undefined {
  try {
    const { members } = unknownFields(JSON.parse(text));
    return Array.isArray(members) ? members : undefined;
  } catch {
    return undefined;
  }
}
