import type { ClusterReader, Member } from '../../etcd/cluster/clusterAdmin.ts';
import { figuresOf } from '../../etcd/cluster/figures.ts';
import type { ClusterRow } from './clusterRows.ts';

/** Returns rows of a member's figures, each with its limit if it has one. @throws EtcdError if it serves no metrics */
export async function metricRows(cluster: ClusterReader, member: Member): Promise<ClusterRow[]> {
  return figuresOf(await cluster.metrics(member)).map(({ id, label, text, severity }): ClusterRow => ({
    ...{ id, label, description: text, severity, context: 'figure', rows: [] },
    ...(severity === 'plain' && { icon: 'dash' }),
  }));
}
