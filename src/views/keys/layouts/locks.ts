import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';

/**
 * Locks and elections of etcd's own client packages: a key for each taker, named after its lease in hexadecimal. A
 * lease that etcd made has 15 or 16 digits.
 */
export const locks: Layout = {
  product: 'etcd concurrency',
  docs: 'https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency',
  rules: [
    {
      pattern: /^.+\/(?<lease>[1-9a-f][\da-f]{14,15})$/,
      icon: 'lock',
      what: () => l10n.t('lock or election'),
      summary: (value) =>
        value === ''
          ? l10n.t('Holds a lock, or waits for it. The key with the lowest create revision holds it.')
          : l10n.t('Candidate {0}. The key with the lowest create revision is elected.', value),
    },
  ],
};
