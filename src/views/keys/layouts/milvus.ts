import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';

/** A vector database. Its root can be configured; `by-dev` is the default. Older versions of a key end in `_ts` and a time. */
export const milvus: Layout = {
  product: 'Milvus',
  docs: 'https://milvus.io/docs/configure_etcd.md',
  rules: [
    { pattern: /^[^/]+\/meta\/root-coord\/$/, icon: 'database', what: () => l10n.t('metadata of collections') },
    ...Object.entries({
      'database/collection-info': () => l10n.t('collection'),
      'database/db-info': () => l10n.t('database'),
      collection: () => l10n.t('collection'),
      partitions: () => l10n.t('partition'),
      aliases: () => l10n.t('alias'),
      fields: () => l10n.t('field'),
      functions: () => l10n.t('function'),
      credential: () => l10n.t('user or role'),
    }).map(([folder, what]) => ({
      pattern: new RegExp(`^[^/]+/meta/(?:snapshots/)?root-coord/${folder}/.+[^/]$`),
      icon: folder === 'credential' ? 'account' : 'symbol-field',
      what,
    })),
  ],
};
