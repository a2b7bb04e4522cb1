import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import { properties, joined } from './values.ts';

/** A network for containers and hosts. */
export const calico: Layout = {
  product: 'Calico',
  docs: 'https://docs.tigera.io/calico/latest/reference/resources/',
  prefix: '/calico/',
  rules: [
    { pattern: /^\/calico\/$/, icon: 'type-hierarchy', what: () => l10n.t('container network') },
    {
      pattern: /^\/calico\/resources\/v3\/projectcalico\.org\/(?<kind>[^/]+)\/.+[^/]$/,
      icon: 'symbol-class',
      what: ({ kind = '' }) => kind,
      summary: (value) => joined('', properties(value)['kind']),
    },
    { pattern: /^\/calico\/ipam\/v2\/.+[^/]$/, icon: 'plug', what: () => l10n.t('allocation of addresses') },
    { pattern: /^\/calico\/felix\/v\d+\/.+[^/]$/, icon: 'vm', what: () => l10n.t('state of a node') },
  ],
};
