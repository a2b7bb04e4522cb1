import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';

/** The topology of a sharded MySQL. Its root can be configured, so it is recognized only by the names of its files. */
export const vitess: Layout = {
  product: 'Vitess',
  docs: 'https://vitess.io/docs/reference/features/topology-service/',
  rules: [
    { pattern: /(?:^|\/)cells\/[^/]+\/CellInfo$/, icon: 'globe', what: () => l10n.t('cell') },
    { pattern: /(?:^|\/)cells_aliases\/[^/]+\/CellsAlias$/, icon: 'globe', what: () => l10n.t('alias of cells') },
    { pattern: /(?:^|\/)keyspaces\/[^/]+\/Keyspace$/, icon: 'database', what: () => l10n.t('keyspace') },
    { pattern: /(?:^|\/)keyspaces\/[^/]+\/VSchema$/, icon: 'symbol-class', what: () => l10n.t('schema for routing') },
    { pattern: /(?:^|\/)shards\/[^/]+\/Shard$/, icon: 'split-horizontal', what: () => l10n.t('shard') },
    { pattern: /(?:^|\/)ShardReplication$/, icon: 'sync', what: () => l10n.t('replication of a shard') },
    { pattern: /(?:^|\/)tablets\/[^/]+\/Tablet$/, icon: 'server', what: () => l10n.t('tablet') },
    { pattern: /(?:^|\/)keyspaces\/[^/]+\/SrvKeyspace$/, icon: 'database', what: () => l10n.t('served keyspace') },
    { pattern: /(?:^|\/)SrvVSchema$/, icon: 'symbol-class', what: () => l10n.t('served schema') },
    { pattern: /(?:^|\/)RoutingRules$/, icon: 'link', what: () => l10n.t('routing rules') },
  ],
};
