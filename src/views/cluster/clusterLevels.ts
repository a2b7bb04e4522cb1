import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { accountGroups, roleRows, unreadRow, userRows } from './accountRows.ts';
import type { ClusterNode } from './clusterNode.ts';
import { clusterRows, type ClusterRow } from './clusterRows.ts';
import type { LeaseList } from './leaseList.ts';
import { leaseGroup, leaseRows } from './leaseRows.ts';
import { metricRows } from './metricRows.ts';

export { clusterItem } from './clusterItem.ts';

/** Returns the rows at the top of the view. @throws EtcdError if the cluster does not answer */
export async function topRows(connection: Connection, list: LeaseList): Promise<ClusterRow[]> {
  const cluster = await connection.cluster(undefined, 'background');
  return [...clusterRows(await cluster.state()), leaseGroup(list), ...accountGroups()];
}

/** Returns the rows below a row; some are read from etcd now. A failure becomes a row. */
export async function rowsBelow(
  { row: { loads, rows, member }, connection }: ClusterNode,
  list: LeaseList,
): Promise<readonly ClusterRow[]> {
  try {
    if (loads === 'leases') return await leaseRows(await connection.store('background'), list);
    if (loads === 'metrics' && member)
      return await metricRows(await connection.cluster(undefined, 'background'), member);
    if (loads !== 'users' && loads !== 'roles') return rows;
    const accounts = await (await connection.accounts(undefined, 'background')).accounts();
    return loads === 'users' ? userRows(accounts) : roleRows(accounts);
  } catch (error) {
    if (!EtcdError.is(error)) throw error;
    return [unreadRow(error)];
  }
}
