import { l10n } from 'vscode';
import { liveOf } from '../../connections/pastConnection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { compareHistory, type HistoryComparison } from '../../etcd/snapshotFile/sameHistory.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { connectionTarget } from '../context/targets.ts';
import { pickCluster } from './pickCluster.ts';

/** Reports whether a file is a backup of a cluster, and whether it still has the content that the cluster had then. */
export async function checkAgainstCluster(context: CommandContext, argument: unknown): Promise<void> {
  const connection = liveOf(await connectionTarget(context, argument));
  const { file, name } = connection;
  if (!file) throw new EtcdError('unsupported', l10n.t('{0} is not a file.', name));
  const title = l10n.t('Check {0} Against a Cluster', name);
  const cluster = await pickCluster(context.connections, title);
  const outcome = await withLateProgress(title, async (signal) =>
    compareHistory(await connection.store('interactive'), file, await cluster.store('interactive'), signal),
  );
  const sentence = outcomeText(outcome, name, cluster.name, file.revision);
  void (outcome === 'different' ? window.showWarningMessage(sentence) : window.showInformationMessage(sentence));
}

function outcomeText(outcome: HistoryComparison, file: string, cluster: string, revision: bigint): string {
  switch (outcome) {
    case 'same':
      return l10n.t(
        '{0} is of {1}: up to revision {2} both have the same keys, values and revisions.',
        file,
        cluster,
        String(revision),
      );
    case 'different':
      return l10n.t(
        '{0} is not of {1}, or one of them was damaged: up to revision {2} they differ.',
        file,
        cluster,
        String(revision),
      );
    case 'notComparable':
      return l10n.t(
        '{0} cannot be checked against {1}: one of them has compacted what the other one has.',
        file,
        cluster,
      );
    case 'newerFile':
      return l10n.t(
        '{0} is not of {1} as it is now, which has not reached revision {2}.',
        file,
        cluster,
        String(revision),
      );
    case 'unsupported':
      return l10n.t('{0} cannot be checked against {1}, which tells no hash of its keys over this API.', file, cluster);
  }
}
