import type { Metrics } from './metricsText.ts';

/** Numbers of requests that a member has answered since its start. */
export interface CallCounts {
  readonly all: number;
  /** Those whose failure is the server's fault. */
  readonly failed: number;
}

/** Failures that are the server's fault, as in etcd's own alerts. */
const FAULTS = new Set([
  'Unknown',
  'FailedPrecondition',
  'ResourceExhausted',
  'Internal',
  'Unavailable',
  'DataLoss',
  'DeadlineExceeded',
]);

/** Returns the numbers of requests by the name of their method, such as `Range`. */
export function callsOf(metrics: Metrics): ReadonlyMap<string, CallCounts> {
  const calls = new Map<string, CallCounts>();
  for (const { labels, value } of metrics.get('grpc_server_handled_total') ?? []) {
    const method = labels['grpc_method'] ?? '';
    const { all, failed } = calls.get(method) ?? { all: 0, failed: 0 };
    const isFault = FAULTS.has(labels['grpc_code'] ?? '');
    calls.set(method, { all: all + value, failed: isFault ? failed + value : failed });
  }
  return calls;
}
