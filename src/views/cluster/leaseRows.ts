import { l10n } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import type { FoundLease, LeaseFilter } from '../../etcd/findLeases.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { durationText } from '../../etcd/quantities.ts';
import type { ClusterRow } from './clusterRows.ts';
import type { LeaseList } from './leaseList.ts';

const KEYS_NAMED = 2;

/** The group of leases, which are read when it is expanded. */
export function leaseGroup({ filter }: LeaseList): ClusterRow {
  const looks = { icon: 'watch', severity: 'plain', context: 'leases', rows: [] } as const;
  return { ...looks, id: 'leases', label: l10n.t('Leases'), description: filterText(filter), loads: 'leases' };
}

function filterText({ prefix, secondsLeft }: LeaseFilter): string {
  if (secondsLeft !== undefined) return l10n.t('with less than {0} left', durationText(secondsLeft));
  return prefix === undefined ? '' : l10n.t('with keys below {0}', keyText(prefix));
}

/** The first leases of a list, with the time that is left of each, and a row that shows more. */
export async function leaseRows({ leases }: KeyStore, list: LeaseList): Promise<ClusterRow[]> {
  const found = leases && (await list.find(leases));
  if (!found) return [];
  const { infos, asked, all } = found;
  const rows = infos.map(leaseRow);
  if (asked === all) return rows.length > 0 ? rows : [noneRow(all)];
  const left = all - asked;
  const more = row('more', l10n.t('Show more leases…'), l10n.t('{0} more', left.toLocaleString()));
  return [...rows, { ...more, icon: 'ellipsis', command: 'etcd.moreLeases' }];
}

function noneRow(all: number): ClusterRow {
  const text = all === 0 ? l10n.t('No leases') : l10n.t('No matching lease');
  return row('none', text, all === 0 ? '' : l10n.t('of {0}', all.toLocaleString()));
}

function leaseRow({ id, ends, keys }: FoundLease): ClusterRow {
  const named = keys.slice(0, KEYS_NAMED).map((key) => keyText(key));
  const more = keys.length > KEYS_NAMED ? ['…'] : [];
  const description = [keysText(keys.length), [...named, ...more].join(', ')];
  return {
    ...row(`lease ${id}`, leaseText(id), description.filter(Boolean).join(' · ')),
    context: 'lease',
    lease: id,
    ends,
  };
}

function row(id: string, label: string, description: string): ClusterRow {
  return { id, label, description, severity: 'plain', icon: 'clock', context: 'figure', rows: [] };
}
