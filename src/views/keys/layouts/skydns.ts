import { isIPv4, isIPv6 } from 'node:net';
import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import { joined, properties } from './values.ts';

/** DNS names, with their labels in reverse order as path segments. */
export const skydns: Layout = {
  product: 'CoreDNS, SkyDNS',
  docs: 'https://coredns.io/plugins/etcd/',
  prefix: '/skydns/',
  rules: [
    { pattern: /^\/skydns\/$/, icon: 'globe', what: () => l10n.t('DNS zones') },
    { pattern: /^\/skydns\/(?<labels>.+)\/$/, icon: 'globe', what: ({ labels = '' }) => domain(labels) },
    {
      pattern: /^\/skydns\/(?<labels>.+)$/,
      icon: 'symbol-field',
      what: ({ labels = '' }) => domain(labels),
      summary: (value, { labels = '' }) => recordSummary(value, domain(labels)),
    },
  ],
};

function domain(labels: string): string {
  return labels.split('/').toReversed().join('.');
}

function recordSummary(value: string, name: string): string | undefined {
  const { host, port, ttl, text } = properties(value);
  const target = joined('', host);
  const parts = [
    ...(target === undefined ? [] : [joined(' ', name, type(target), target)]),
    ...(typeof port === 'number' && port > 0 ? [l10n.t('port {0}', port)] : []),
    ...(typeof ttl === 'number' && ttl > 0 ? [l10n.t('time to live {0} s', ttl)] : []),
    ...(typeof text === 'string' && text !== '' ? [`TXT ${text}`] : []),
  ];
  return joined(', ', ...parts);
}

function type(target: string): string {
  if (isIPv4(target)) return 'A';
  return isIPv6(target) ? 'AAAA' : 'CNAME';
}
