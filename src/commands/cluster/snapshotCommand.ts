import { env, l10n, Uri } from 'vscode';
import { memberName, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { sizeText } from '../../etcd/quantities.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { startFolder } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { clusterTask } from './clusterTask.ts';
import { clusterTarget, memberTarget, stateOf } from './clusterTargets.ts';
import { restoreText } from './restoreText.ts';

/** Saves the database of one member to a file. */
export async function saveSnapshot(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const cluster = await connection.cluster();
  const state = await stateOf(connection);
  const isAnswering = ({ answer, isLearner }: MemberState) => answer.kind === 'answered' && !isLearner;
  const member = await memberTarget(state, argument, l10n.t('Which member is to send its snapshot?'), isAnswering);
  const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(startFolder(), `${fileName(connection.name)}-${day}.db`),
    title: l10n.t('Save the snapshot of {0}', memberName(member)),
    filters: { [l10n.t('etcd snapshots')]: ['db'] },
  });
  if (!target) throw cancelled();
  if (target.scheme !== 'file')
    throw new EtcdError(
      'unsupported',
      l10n.t('A snapshot is saved to a file system of this machine. Choose another folder.'),
    );
  let size = 0;
  await clusterTask(l10n.t('Saving the snapshot of {0}', memberName(member)), (tell, signal) =>
    cluster.saveSnapshot(
      member,
      target.fsPath,
      ({ written, total }) => {
        size = written;
        tell(l10n.t('{0} of {1}', sizeText(written), sizeText(total)));
      },
      signal,
    ),
  );
  const explain = l10n.t('How to Restore It');
  const saved = l10n.t(
    'The snapshot of {0} ({1}) is in {2}. Its hash was verified. It holds all values and password hashes.',
    memberName(member),
    sizeText(size),
    target.fsPath,
  );
  void window.showInformationMessage(saved, explain).then(async (chosen) => {
    if (chosen !== explain) return;
    await showRestore(context, restoreText(state.members, target.fsPath));
  });
}

/** Explains how to restore the cluster from a snapshot, because an editor should not do that by itself. */
export async function explainRestore(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await clusterTarget(context, argument);
  const { members } = await stateOf(connection);
  await showRestore(context, restoreText(members, 'snapshot.db'));
}

async function showRestore(
  { previews }: CommandContext,
  { text, commands }: { readonly text: string; readonly commands: string },
): Promise<void> {
  await previews.showReport(l10n.t('Restore'), text);
  const copy = l10n.t('Copy Commands');
  void window
    .showInformationMessage(l10n.t('Run each command on the machine of its member.'), copy)
    .then(async (chosen) => {
      if (chosen === copy) await env.clipboard.writeText(commands);
    });
}

/** Returns a name that every file system accepts. */
function fileName(name: string): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-').replaceAll(/^-+|-+$/g, '');
  return safe === '' ? 'etcd' : safe.slice(0, 80);
}
