import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import { joined, properties } from './values.ts';

/** A network for containers. */
export const cilium: Layout = {
  product: 'Cilium',
  docs: 'https://docs.cilium.io/en/stable/internals/kvstore/',
  prefix: 'cilium/',
  rules: [
    { pattern: /^cilium\/$/, icon: 'type-hierarchy', what: () => l10n.t('container network') },
    { pattern: /^cilium\/\.heartbeat$/, icon: 'pulse', what: () => l10n.t('heartbeat'), summary: (value) => value },
    { pattern: /^cilium\/\.initlock/, icon: 'lock', what: () => l10n.t('lock of the set-up') },
    {
      pattern: /^cilium\/(?:state|cache)\/identities\/v1\/(?:[^/]+\/)?id\/[^/]+$/,
      icon: 'account',
      what: () => l10n.t('identity'),
      summary: (value) => value,
    },
    {
      pattern: /^cilium\/(?:state|cache)\/identities\/v1\/value\/.+[^/]$/,
      icon: 'account',
      what: () => l10n.t('use of an identity by a node'),
    },
    {
      pattern: /^cilium\/(?:state|cache)\/nodes\/v1\/.+[^/]$/,
      icon: 'vm',
      what: () => l10n.t('node'),
      summary: (value) => {
        const { Name: name, Cluster: cluster } = properties(value);
        return joined(' · ', cluster, name);
      },
    },
    {
      pattern: /^cilium\/(?:state|cache)\/ip\/v1\/.+[^/]$/,
      icon: 'plug',
      what: () => l10n.t('address'),
      summary: (value) => {
        const { IP: address, ID: identity } = properties(value);
        return joined(' → ', address, joined('', identity) && l10n.t('identity {0}', joined('', identity) ?? ''));
      },
    },
    {
      pattern: /^cilium\/(?:state|cache)\/services\/v1\/.+[^/]$/,
      icon: 'layers',
      what: () => l10n.t('service'),
      summary: (value) => {
        const { cluster, namespace, name } = properties(value);
        return joined(' · ', cluster, namespace, name);
      },
    },
    { pattern: /^cilium\/cluster-config\/[^/]+$/, icon: 'settings', what: () => l10n.t('configuration of a cluster') },
    { pattern: /^cilium\/synced\/.+[^/]$/, icon: 'check', what: () => l10n.t('mark of a complete synchronization') },
  ],
};
