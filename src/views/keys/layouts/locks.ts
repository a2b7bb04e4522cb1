import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import type { PlaceInLine } from './placeInLine.ts';

const LOOKS: Readonly<Record<PlaceInLine, { icon: string; what: () => string; summary: (value: string) => string }>> = {
  holder: {
    icon: 'lock',
    what: () => l10n.t('lock or election: holder'),
    summary: (value) => (value === '' ? l10n.t('Holds the lock.') : l10n.t('{0} is elected.', value)),
  },
  waiting: {
    icon: 'watch',
    what: () => l10n.t('lock or election: waiting'),
    summary: (value) => (value === '' ? l10n.t('Waits for the lock.') : l10n.t('{0} waits to be elected.', value)),
  },
  unknown: {
    icon: 'lock',
    what: () => l10n.t('lock or election'),
    summary: (value) =>
      value === ''
        ? l10n.t('Holds a lock, or waits for it. The key with the lowest create revision holds it.')
        : l10n.t('Candidate {0}. The key with the lowest create revision is elected.', value),
  },
};

/** Locks and elections of etcd's own client packages: a key for each taker, named after its lease in hexadecimal. */
export function locks(place: PlaceInLine): Layout {
  return {
    product: 'etcd concurrency',
    docs: 'https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency',
    rules: [{ pattern: /^.+\/[\da-f]+$/, ...LOOKS[place] }],
  };
}
