import type { HttpSettings } from '../../src/etcd/http/httpClient.ts';

/** Settings with short time limits, for tests on loopback. */
export function settingsFor(endpoint: string | readonly string[], more: Partial<HttpSettings> = {}): HttpSettings {
  const endpoints = typeof endpoint === 'string' ? [endpoint] : endpoint;
  return { endpoints, tls: {}, limits: { connect: 5_000, response: 30_000 }, ...more };
}

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value && new TextDecoder().decode(value);
}
