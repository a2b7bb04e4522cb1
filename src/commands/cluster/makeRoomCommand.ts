import { l10n, Uri } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { memberName, type ClusterState, type MemberState } from '../../etcd/cluster/clusterAdmin.ts';
import { defragmentMembers, defragmentOrder } from '../../etcd/cluster/defragmentation.ts';
import type { Child, KeyStore } from '../../etcd/keyStore.ts';
import { keptRevisions } from '../../etcd/past/compaction.ts';
import type { Connection } from '../../connections/connection.ts';
import { openDocument } from '../../documents/addresses/openDocuments.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { clusterTask } from './clusterTask.ts';
import { changeCluster, confirmChange, stateOf, writableCluster } from './clusterTargets.ts';
import { defragmentationEffect, givenBack, memberSizeText } from './memberTexts.ts';
import { compactionEffect } from './spaceCommands.ts';

/** Share of the quota that may be in use when writes are allowed again. */
const ROOMY = 0.9;
const FOLDERS_NAMED = 8;
const FOLDERS_LISTED = 1000;
const MAX_DEPTH = 10;

/** The finished steps of a run, for the message when it stops. */
class Run {
  readonly #done: string[] = [];

  add(sentence: string): void {
    this.#done.push(sentence);
  }

  /** A description of the finished steps. */
  get text(): string {
    return this.#done.length === 0 ? l10n.t('Nothing was changed.') : this.#done.join(' ');
  }
}

/**
 * Makes room in a full database: compacts, defragments member by member, allows writes again, and writes what was
 * refused. Each step is explained before it begins, and the user can stop at each.
 * @param argument the document whose save was refused, a connection or a row; without a document, nothing is written
 * again
 */
export async function makeRoom(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await writableCluster(context, argument);
  const run = new Run();
  try {
    await steps(context, connection, run, argument instanceof Uri ? argument : undefined);
  } catch (error) {
    if (!EtcdError.is(error, 'cancelled')) context.log.failure('etcd.makeRoom', error);
    const why = EtcdError.is(error, 'cancelled')
      ? l10n.t('Making room in {0} was stopped.', connection.name)
      : l10n.t(
          'Making room in {0} did not end well. {1}',
          connection.name,
          EtcdError.is(error) ? error.message : String(error),
        );
    void window.showWarningMessage([why, run.text].join(' '));
    if (!EtcdError.is(error)) throw error;
  } finally {
    context.clusterView.refresh(connection);
  }
}

async function steps(
  { showChanges }: CommandContext,
  connection: Connection,
  run: Run,
  refused: Uri | undefined,
): Promise<void> {
  const store = await connection.store('interactive');
  const before = await stateOf(connection);
  const kept = await keptRevisions(store);
  const started = await confirmChange(
    connection,
    l10n.t('Make room in {0}, step 1 of 3: compact it to revision {1}?', connection.name, String(kept.newest)),
    [...(await whatTakesTheSpace(connection, before)), ...compactionEffect(kept, kept.newest), anyTime()],
    l10n.t('Compact'),
  );
  if (!started) throw cancelled();
  if (kept.newest > kept.oldest) {
    const cluster = await connection.cluster(started);
    await clusterTask(l10n.t('Compacting {0}', connection.name), (_, signal) =>
      cluster.compact(kept.newest, true, signal),
    );
  }
  run.add(l10n.t('It is compacted to revision {0}.', String(kept.newest)));
  await defragmentAll(connection, before, run);
  await allowWrites(connection, run);
  showChanges(connection);
  if (refused && (await saveAgain(refused))) run.add(l10n.t('The text is saved.'));
  void window.showInformationMessage([l10n.t('There is room in {0} again.', connection.name), run.text].join(' '));
}

/** Saves the text that was refused, with all guards of a save. @returns whether it was saved */
async function saveAgain(uri: Uri): Promise<boolean> {
  const document = openDocument(uri);
  return document?.isDirty === true && 'save' in document && (await document.save());
}

function anyTime(): string {
  return l10n.t('Each further step is asked about, and you can stop after any of them.');
}

/** Describes the sizes of the members, and the folders with the most keys. */
async function whatTakesTheSpace(connection: Connection, { members }: ClusterState): Promise<string[]> {
  const store = await connection.store('interactive');
  const children = await topChildren(store, connection.root);
  const counts = children.flatMap((child) =>
    child.kind === 'folder' && child.keyCount !== undefined ? [{ path: child.path, keys: child.keyCount }] : [],
  );
  const largest = counts.toSorted((one, other) => other.keys - one.keys).slice(0, FOLDERS_NAMED);
  return [
    ...members.map((member) => `${memberName(member)}: ${memberSizeText(member)}`),
    ...largest.map(({ path, keys }) => `${keyText(path)}: ${keysText(keys)}`),
  ];
}

/** Lists the children of the first folder, from the root downward, that contains more than a single folder. */
async function topChildren(store: KeyStore, root: Uint8Array): Promise<readonly Child[]> {
  for (let folder = root, depth = 1; ; depth++) {
    const { children, done } = await store.listChildren(folder).next(FOLDERS_LISTED);
    const [only] = children;
    if (!done || children.length !== 1 || only?.kind !== 'folder' || depth === MAX_DEPTH) return children;
    folder = only.path;
  }
}

async function defragmentAll(connection: Connection, before: ClusterState, run: Run): Promise<void> {
  const order = defragmentOrder(before);
  for (const [index, member] of order.entries()) {
    const state = await stateOf(connection);
    const now = state.members.find(({ id }) => id === member.id) ?? member;
    const yes = await confirmChange(
      connection,
      l10n.t(
        'Make room in {0}, step 2 of 3: defragment {1} (member {2} of {3})?',
        connection.name,
        memberName(member),
        index + 1,
        order.length,
      ),
      defragmentationEffect(state, [now]),
      l10n.t('Defragment'),
    );
    if (!yes) throw cancelled();
    await defragmentOne(connection, now, run, yes);
  }
}

async function defragmentOne(
  connection: Connection,
  member: MemberState,
  run: Run,
  yes: Parameters<Connection['cluster']>[0],
): Promise<void> {
  const cluster = await connection.cluster(yes);
  await clusterTask(l10n.t('Defragmenting {0}', memberName(member)), async (_, signal) => {
    for await (const { member: done, ...sizes } of defragmentMembers(cluster, [member], signal))
      run.add(l10n.t('Defragmented: {0}.', givenBack(done, sizes)));
  });
}

async function allowWrites(connection: Connection, run: Run): Promise<void> {
  const { members } = await stateOf(connection);
  const isStillFull = members.some(({ answer }) => {
    const status = answer.kind === 'answered' ? answer.status : undefined;
    return status?.quota !== undefined && status.size > status.quota * ROOMY;
  });
  const warning = isStillFull
    ? [
        l10n.t(
          'More than 90 % of the quota are still taken: it will soon be full again. Delete keys, or raise the quota.',
        ),
      ]
    : [];
  const yes = await confirmChange(
    connection,
    l10n.t('Make room in {0}, step 3 of 3: allow writes again?', connection.name),
    [
      ...members.map((member) => `${memberName(member)}: ${memberSizeText(member)}`),
      ...warning,
      l10n.t('This disarms the NOSPACE alarm of each member, and no other alarm.'),
    ],
    l10n.t('Allow Writes'),
  );
  if (!yes) throw cancelled();
  await changeCluster(connection, yes, (cluster) => cluster.disarmNoSpace());
  run.add(l10n.t('Writes are allowed again.'));
}
