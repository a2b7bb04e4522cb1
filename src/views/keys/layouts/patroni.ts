import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import { joined, properties } from './values.ts';

/** High availability of PostgreSQL. Its namespace can be configured; this is the default one. */
export const patroni: Layout = {
  product: 'Patroni',
  docs: 'https://patroni.readthedocs.io/en/latest/dcs_failsafe_mode.html',
  prefix: '/service/',
  rules: [
    { pattern: /^\/service\/[^/]+\/$/, icon: 'database', what: () => l10n.t('PostgreSQL cluster') },
    { pattern: /^\/service\/[^/]+\/members\/$/, icon: 'organization', what: () => l10n.t('members') },
    {
      pattern: /^\/service\/[^/]+\/leader$/,
      icon: 'star-full',
      what: () => l10n.t('leader lock'),
      summary: (value) => l10n.t('{0} is the leader.', value),
    },
    {
      pattern: /^\/service\/[^/]+\/members\/[^/]+$/,
      icon: 'server',
      what: () => l10n.t('member'),
      summary: (value) => {
        const { role, state, version, timeline } = properties(value);
        return joined(', ', role, state, version, typeof timeline === 'number' ? l10n.t('timeline {0}', timeline) : '');
      },
    },
    {
      pattern: /^\/service\/[^/]+\/initialize$/,
      icon: 'key',
      what: () => l10n.t('system identifier of the database'),
    },
    {
      pattern: /^\/service\/[^/]+\/config$/,
      icon: 'settings',
      what: () => l10n.t('dynamic configuration'),
      summary: (value) => {
        const { ttl, loop_wait: wait } = properties(value);
        const time = (seconds: unknown) => (typeof seconds === 'number' ? [seconds] : []);
        const parts = [
          ...time(ttl).map((seconds) => l10n.t('time to live {0} s', seconds)),
          ...time(wait).map((seconds) => l10n.t('checked every {0} s', seconds)),
        ];
        return joined(', ', ...parts);
      },
    },
    {
      pattern: /^\/service\/[^/]+\/(?:status|optime\/leader)$/,
      icon: 'pulse',
      what: () => l10n.t('position in the log'),
      summary: (value) => {
        const position = properties(value)['optime'] ?? value;
        return joined('', position) && l10n.t('The leader is at {0}.', joined('', position) ?? '');
      },
    },
    {
      pattern: /^\/service\/[^/]+\/sync$/,
      icon: 'sync',
      what: () => l10n.t('synchronous replication'),
      summary: (value) => {
        const { leader, sync_standby: standby } = properties(value);
        return joined(' → ', leader, standby);
      },
    },
    {
      pattern: /^\/service\/[^/]+\/failover$/,
      icon: 'arrow-swap',
      what: () => l10n.t('requested switchover'),
      summary: (value) => {
        const { leader, member, scheduled_at: at } = properties(value);
        return joined(', ', joined(' → ', leader, member), at);
      },
    },
    { pattern: /^\/service\/[^/]+\/history$/, icon: 'history', what: () => l10n.t('history of failovers') },
    { pattern: /^\/service\/[^/]+\/failsafe$/, icon: 'shield', what: () => l10n.t('members for failsafe mode') },
  ],
};
