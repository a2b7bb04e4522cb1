import { l10n } from 'vscode';
import { refusingAccounts, type AccountAdmin } from '../etcd/accounts/accountAdmin.ts';
import { refusingCluster, type ClusterAdmin } from '../etcd/cluster/clusterAdmin.ts';
import type { OpenEtcd } from '../etcd/connect/connect.ts';
import { EtcdError } from '../etcd/errors.ts';
import { notConfirmedError } from '../etcd/readOnlyStore.ts';
import type { Confirmation } from '../ui/confirm.ts';

/** The rules of a connection. */
interface Rules {
  readonly name: string;
  /** True if nothing may change before the user has agreed. */
  insistsOnYes(kind: 'change'): boolean;
}

/** Returns the operations of an open cluster. They refuse any change without the yes that the connection requires. */
export async function clusterOf(
  rules: Rules,
  open: OpenEtcd | undefined,
  yes: Confirmation | undefined,
): Promise<ClusterAdmin> {
  const cluster = await open?.cluster?.();
  if (!cluster) throw notOperated(rules);
  if (yes || !rules.insistsOnYes('change')) return cluster;
  return refusingCluster(cluster, notConfirmedError);
}

/** Returns the users and roles of an open etcd, guarded as in `clusterOf`. */
export async function accountsOf(
  rules: Rules,
  open: OpenEtcd | undefined,
  yes: Confirmation | undefined,
): Promise<AccountAdmin> {
  const accounts = await open?.accounts?.();
  if (!accounts) throw notOperated(rules);
  if (yes || !rules.insistsOnYes('change')) return accounts;
  return refusingAccounts(accounts, notConfirmedError);
}

function notOperated({ name }: Rules): EtcdError {
  return new EtcdError(
    'unsupported',
    l10n.t('{0} has no cluster, users or roles to show: that takes the v3 API of a running etcd.', name),
  );
}
