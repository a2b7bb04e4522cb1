import type { HttpSettings, RequestLogEntry } from '../../src/etcd/http/endpoints.ts';

/** Returns the extension's default settings, with enough time for whole keyspaces. */
export function settingsFor(endpoint: string, log?: (entry: RequestLogEntry) => void): HttpSettings {
  return { endpoints: [endpoint], tls: {}, limits: { connect: 10_000, response: 120_000 }, ...(log && { log }) };
}
