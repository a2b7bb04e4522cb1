import type { Context } from 'mocha';
import { ensureEtcd } from '../../scripts/setup/etcd.ts';
import type { EtcdSeries } from '../../scripts/setup/etcdSeries.ts';
import { messageOf } from '../../scripts/setup/progress.ts';

/** Versions of etcd that every test of the v3 store runs against; they must be to be had. */
export const ETCD_SERIES = ['3.4', '3.5'] as const;

const TRANSPORTS = ['grpc', 'gateway'] as const;

/** Combinations for which the session and the store behave the same. */
export const VERSIONS_AND_TRANSPORTS = ETCD_SERIES.flatMap((version) =>
  TRANSPORTS.map((transport) => ({ version, transport })),
);

/** Newer versions, whose tests are skipped on a machine that cannot get them. */
export const NEWER_SERIES = ['3.5.30', '3.6', '3.7'] as const;

/** As `VERSIONS_AND_TRANSPORTS`, with the newer versions. */
export const ALL_VERSIONS_AND_TRANSPORTS = [...ETCD_SERIES, ...NEWER_SERIES].flatMap((version) =>
  TRANSPORTS.map((transport) => ({ version, transport })),
);

const unavailable = new Map<EtcdSeries, Promise<boolean>>();

/**
 * Skips the tests of a suite, from its `before` hook, if it is for a newer series that this machine cannot get; prints
 * one line.
 */
export async function skipIfUnavailable(context: Context, series: EtcdSeries): Promise<void> {
  if (!(NEWER_SERIES as readonly EtcdSeries[]).includes(series)) return;
  const missing = unavailable.get(series) ?? isMissing(series);
  unavailable.set(series, missing);
  if (await missing) context.skip();
}

async function isMissing(series: EtcdSeries): Promise<boolean> {
  try {
    await ensureEtcd(series);
    return false;
  } catch (error) {
    process.stderr.write(`The tests on etcd ${series} are skipped: ${messageOf(error)}\n`);
    return true;
  }
}
