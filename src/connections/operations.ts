import { l10n } from 'vscode';
import { refusingAccounts, type AccountAdmin } from '../etcd/accounts/accountAdmin.ts';
import { refusingCluster, type ClusterAdmin } from '../etcd/cluster/clusterAdmin.ts';
import type { OpenEtcd } from '../etcd/connect/connect.ts';
import { EtcdError } from '../etcd/errors.ts';
import { notConfirmedError } from '../etcd/readOnlyStore.ts';
import type { Confirmation } from '../ui/confirm.ts';

/** Whose rules hold. */
interface Rules {
  readonly name: string;
  /** True if nothing is changed before the user has said yes. */
  insistsOnYes(kind: 'change'): boolean;
}

/** The operations of an open cluster, which refuse to change anything without the yes that the connection insists on. */
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

/** The users and roles of an open etcd, as `clusterOf`. */
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
