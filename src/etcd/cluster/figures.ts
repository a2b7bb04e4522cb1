import * as l10n from '@vscode/l10n';
import { sum } from '../sum.ts';
import { numberText, percentText, sizeText } from '../quantities.ts';
import { callsOf } from './calls.ts';
import { histogramsOf, quantile } from './histograms.ts';
import type { Metrics } from './metricsText.ts';

/** A figure of a member, and how it compares with its limit. */
export interface Figure {
  /** Identifies the figure; the same for all members. */
  readonly id: string;
  readonly label: string;
  /** The value with its unit, and the limit if there is one. */
  readonly text: string;
  /** `plain` if there is no limit. */
  readonly severity: 'plain' | 'good' | 'warning' | 'failed';
}

/** Values above which a figure is to be reported. */
export interface Limits {
  readonly warning: number;
  readonly failed?: number;
}

// From etcd's own alerts and its frequently asked questions.
export const SYNC: Limits = { warning: 0.01, failed: 1 };
export const COMMIT: Limits = { warning: 0.025, failed: 0.25 };
const ROUND_TRIP: Limits = { warning: 0.15 };
export const FAILED_CALLS: Limits = { warning: 0.01, failed: 0.05 };
/** Requests from which a share of failures means something: one of few is no fault of a member that just started. */
const ENOUGH_CALLS = 200;
/** This project's own limits, because etcd publishes none. */
const FILES: Limits = { warning: 0.8, failed: 0.95 };
/** Changes of the leader from which etcd's own alerts report them, within `ALERT_MILLISECONDS`. */
export const LEADER_CHANGES = 4;
/** Failed proposals a second, on average over `ALERT_MILLISECONDS`. */
export const FAILED_PROPOSALS: Limits = { warning: 5 };
export const ALERT_MILLISECONDS = 15 * 60_000;
export const FAILED_PROPOSALS_METRIC = 'etcd_server_proposals_failed_total';
const PREFIXES = ['etcd_', 'process_', 'grpc_server_handled_total'];

/** Whether a metric is one that figures are made from. */
export function isFigureMetric(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Returns what a member's metrics say about it since its start; figures that it does not have are left out. */
export function figuresOf(metrics: Metrics): Figure[] {
  return [
    ...leaderFigures(metrics),
    ...durations(
      metrics,
      'sync',
      l10n.t('Log sync time (99th percentile)'),
      'etcd_disk_wal_fsync_duration_seconds',
      SYNC,
    ),
    ...durations(
      metrics,
      'commit',
      l10n.t('Backend commit time (99th percentile)'),
      'etcd_disk_backend_commit_duration_seconds',
      COMMIT,
    ),
    ...durations(
      metrics,
      'peers',
      l10n.t('Round trip to other members (99th percentile)'),
      'etcd_network_peer_round_trip_time_seconds',
      ROUND_TRIP,
    ),
    ...callFigures(metrics),
    ...counts(metrics),
    ...watchFigures(metrics),
    ...processFigures(metrics),
  ];
}

function leaderFigures(metrics: Metrics): Figure[] {
  const has = valueOf(metrics, 'etcd_server_has_leader');
  const changes = valueOf(metrics, 'etcd_server_leader_changes_seen_total');
  return [
    ...(has === undefined
      ? []
      : [
          {
            ...{ id: 'leader', label: l10n.t('Knows a leader'), text: has > 0 ? l10n.t('yes') : l10n.t('NO') },
            severity: has > 0 ? ('good' as const) : ('failed' as const),
          },
        ]),
    ...(changes === undefined ? [] : [plain('changes', l10n.t('Leader changes'), changes.toLocaleString())]),
  ];
}

function durations(metrics: Metrics, id: string, label: string, metric: string, limits: Limits): Figure[] {
  const values = histogramsOf(metrics, metric).flatMap((histogram) => quantile(histogram, 0.99) ?? []);
  if (values.length === 0) return [];
  const seconds = Math.max(...values);
  const severity = severityOf(seconds, limits);
  const [value, limit] = [milliseconds(seconds), milliseconds(limits.warning)];
  const text =
    severity === 'good'
      ? l10n.t('{0} (healthy below {1})', value, limit)
      : l10n.t('SLOW: {0} (healthy below {1})', value, limit);
  return [{ id, label, text, severity }];
}

function callFigures(metrics: Metrics): Figure[] {
  const calls = [...callsOf(metrics).values()];
  const all = sum(calls.map((call) => call.all));
  if (all === 0) return [];
  const failures = sum(calls.map(({ failed }) => failed));
  const severity = all < ENOUGH_CALLS ? 'plain' : severityOf(failures / all, FAILED_CALLS);
  const numbers = [failures.toLocaleString(), all.toLocaleString(), percentText(failures / all)] as const;
  const text =
    severity === 'good' || severity === 'plain'
      ? l10n.t('{0} of {1} ({2})', ...numbers)
      : l10n.t('MANY: {0} of {1} ({2}, healthy below {3})', ...numbers, percentText(FAILED_CALLS.warning));
  return [{ id: 'calls', label: l10n.t('Failed requests'), text, severity }];
}

function counts(metrics: Metrics): Figure[] {
  const named = [
    ['appliedProposals', l10n.t('Applied proposals'), 'etcd_server_proposals_applied_total'],
    ['failedProposals', l10n.t('Failed proposals'), FAILED_PROPOSALS_METRIC],
    ['pendingProposals', l10n.t('Pending proposals'), 'etcd_server_proposals_pending'],
    ['slowApplies', l10n.t('Slow applies'), 'etcd_server_slow_apply_total'],
    ['slowReads', l10n.t('Slow reads'), 'etcd_server_slow_read_indexes_total'],
    ['heartbeats', l10n.t('Failed heartbeats'), 'etcd_server_heartbeat_send_failures_total'],
    ['pendingEvents', l10n.t('Pending watch events'), 'etcd_debugging_mvcc_pending_events_total'],
    ['revision', l10n.t('Current revision'), 'etcd_debugging_mvcc_current_revision'],
    ['compacted', l10n.t('Compacted revision'), 'etcd_debugging_mvcc_compact_revision'],
    ['defragmenting', l10n.t('Defragmentations under way'), 'etcd_disk_defrag_inflight'],
  ] as const;
  return named.flatMap(([id, label, metric]) => {
    const value = valueOf(metrics, metric);
    return value === undefined ? [] : [plain(id, label, value.toLocaleString())];
  });
}

function watchFigures(metrics: Metrics): Figure[] {
  const watchers = valueOf(metrics, 'etcd_debugging_mvcc_watcher_total');
  const slow = valueOf(metrics, 'etcd_debugging_mvcc_slow_watcher_total');
  const keys = valueOf(metrics, 'etcd_debugging_mvcc_keys_total');
  return [
    ...(watchers === undefined ? [] : [plain('watchers', l10n.t('Watchers'), watchers.toLocaleString())]),
    ...(slow === undefined
      ? []
      : [
          {
            ...{ id: 'slowWatchers', label: l10n.t('Slow watchers') },
            text: slow > 0 ? l10n.t('SLOW: {0}', slow.toLocaleString()) : '0',
            severity: slow > 0 ? ('warning' as const) : ('good' as const),
          },
        ]),
    ...(keys === undefined ? [] : [plain('keys', l10n.t('Keys'), keys.toLocaleString())]),
  ];
}

function processFigures(metrics: Metrics): Figure[] {
  const memory = valueOf(metrics, 'process_resident_memory_bytes');
  const [open, most] = [valueOf(metrics, 'process_open_fds'), valueOf(metrics, 'process_max_fds')];
  const started = valueOf(metrics, 'process_start_time_seconds');
  const figures: Figure[] = [];
  if (memory !== undefined) figures.push(plain('memory', l10n.t('Memory'), sizeText(memory)));
  if (open !== undefined && most) {
    const severity = severityOf(open / most, FILES);
    const numbers = [open.toLocaleString(), most.toLocaleString()] as const;
    const text = severity === 'good' ? l10n.t('{0} of {1}', ...numbers) : l10n.t('MANY: {0} of {1}', ...numbers);
    figures.push({ id: 'files', label: l10n.t('Open files'), text, severity });
  }
  if (started !== undefined)
    figures.push(plain('started', l10n.t('Started'), new Date(started * 1000).toLocaleString()));
  return figures;
}

function plain(id: string, label: string, text: string): Figure {
  return { id, label, text, severity: 'plain' };
}

/** Returns the value of a metric that has only one. */
export function valueOf(metrics: Metrics, name: string): number | undefined {
  return metrics.get(name)?.[0]?.value;
}

export function severityOf(value: number, { warning, failed = Infinity }: Limits): 'good' | 'warning' | 'failed' {
  if (value > failed) return 'failed';
  return value > warning ? 'warning' : 'good';
}

function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return l10n.t('{0} ms', numberText(value));
}
