import { setTimeout as delay } from 'node:timers/promises';
import type { EtcdServer } from '../fixtures/etcdServer.ts';

/** Less than a test's time limit, so that the failure says what was awaited. */
const LIMIT_MILLISECONDS = 120_000;
const PAUSE_MILLISECONDS = 20;

/**
 * Waits until a condition about a server holds.
 * @throws Error that names the condition
 */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MILLISECONDS);
  while (!(await holds())) {
    if (limit.aborted) throw new Error(`In ${LIMIT_MILLISECONDS / 1000} s this did not come: ${what}`);
    await delay(PAUSE_MILLISECONDS);
  }
}

/** Returns a key's value, without the newline that etcdctl adds. */
export async function valueInEtcd(server: EtcdServer, key: string): Promise<string> {
  return (await server.etcdctl(['get', key, '--print-value-only'])).stdout.trim();
}

/** Waits until a key has this value. */
export async function untilEtcdHas(server: EtcdServer, key: string, value: string): Promise<void> {
  await until(`${key} has ${value}`, async () => (await valueInEtcd(server, key)) === value);
}
