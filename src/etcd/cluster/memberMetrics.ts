import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { ClusterReader, MemberState } from './clusterAdmin.ts';
import type { OneEndpoint } from '../v3/oneEndpoint.ts';
import { parseMetrics, type Metrics } from './metricsText.ts';

/** Limit of the metrics that a member serves. */
export const MAX_METRICS_BYTES = 16 * 1024 * 1024;

/**
 * Reads a member's metrics from its own endpoint; other ports are never tried.
 * @param isWanted which metrics to read, by name
 * @throws EtcdError `unsupported` if there are none
 */
export async function readMetrics(
  endpoint: OneEndpoint,
  isWanted: (name: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<Metrics> {
  const { status, text } = await endpoint.read('/metrics', MAX_METRICS_BYTES, signal);
  const metrics = status === 200 ? parseMetrics(text, isWanted) : undefined;
  if (metrics && metrics.size > 0) return metrics;
  throw new EtcdError(
    'unsupported',
    l10n.t(
      '{0} serves no metrics (HTTP {1}). This etcd may serve them at another address (--listen-metrics-urls).',
      new URL(endpoint.origin).host,
      status,
    ),
    { notCarriedOut: true },
  );
}

/** Returns the metrics that came with a member's state, or else asks for them. @throws EtcdError as `ClusterReader.metrics` */
export async function metricsOf(
  cluster: Pick<ClusterReader, 'metrics'>,
  member: MemberState,
  signal: AbortSignal | undefined,
): Promise<Metrics> {
  const known = member.answer.kind === 'answered' ? member.answer.metrics : undefined;
  return known ?? (await cluster.metrics(member, signal));
}
