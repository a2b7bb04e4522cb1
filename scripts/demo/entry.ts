/** One key of the demo keyspace; text stands for its UTF-8 bytes. Entries with the same lease time share a lease. */
export interface DemoEntry {
  readonly key: string | Uint8Array;
  readonly value: string | Uint8Array;
  readonly leaseSeconds?: number;
  /** The lease in hexadecimal is added to the key, as etcd's own packages name locks. */
  readonly endsWithLease?: boolean;
}

/** The time of the demo keyspace, in milliseconds since 1970. */
export const demoTime = Date.UTC(2026, 9, 26, 8, 30);

/** Nothing renews leases in the demo, so what real software keeps for seconds stays for a day here. */
export const renewedLeaseSeconds = 86_400;

/** Returns the time this many minutes before the demo's, as RFC 3339 text in whole seconds. */
export function minutesAgo(minutes: number): string {
  return new Date(demoTime - minutes * 60_000).toISOString().replace('.000Z', 'Z');
}
