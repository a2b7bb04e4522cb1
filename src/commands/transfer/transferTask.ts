import type { Connection } from '../../connections/connection.ts';
import type { TransferPlan } from '../../etcd/transfer/transferPlan.ts';

/** A transfer as the user confirmed it. */
export interface TransferTask {
  readonly source: Connection;
  readonly target: Connection;
  readonly plan: TransferPlan;
  /** Ids of the stores' clusters, if they have one. */
  readonly clusters: { readonly source: string | undefined; readonly target: string | undefined };
  /** Number of keys to process. */
  readonly total: number;
  /** Name in progress notifications and failures. */
  readonly label: string;
  /** Name in the list of changes that can be undone. */
  readonly doneLabel: string;
  /** True for a single key whose new name the user has typed: success is not reported. */
  readonly isQuiet: boolean;
}
