import type { HttpSettings, RequestLogEntry } from '../../src/etcd/http/endpoints.ts';

/** How the bench connects: as the extension does by default, with time for whole keyspaces. */
export function settingsFor(endpoint: string, log?: (entry: RequestLogEntry) => void): HttpSettings {
  return { endpoints: [endpoint], tls: {}, limits: { connect: 10_000, response: 120_000 }, ...(log && { log }) };
}
