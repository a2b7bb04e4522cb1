import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';

/** A database of time series. */
export const m3: Layout = {
  product: 'M3',
  docs: 'https://m3db.io/docs/operational_guide/etcd/',
  prefix: '_',
  rules: [
    {
      pattern: /^_sd\.placement\/(?:.+\/)?(?<service>m3[^/]+)$/,
      icon: 'server',
      what: ({ service = '' }) => l10n.t('placement of {0}', service),
    },
    { pattern: /^_sd\.metadata\/.+[^/]$/, icon: 'settings', what: () => l10n.t('metadata of a service') },
    { pattern: /^_kv\/.+\/m3db\.node\.namespaces$/, icon: 'database', what: () => l10n.t('namespaces') },
    { pattern: /^_kv\/.+\/m3[^/]+$/, icon: 'settings', what: () => l10n.t('setting') },
  ],
};
