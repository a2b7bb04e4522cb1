import { l10n, Uri, type QuickPickItem } from 'vscode';
import { eventsText } from '../../etcd/countText.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { compareEvent } from '../../documents/readOnly/eventValues.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { RecordedEvent } from '../../etcd/watch/eventRing.ts';
import { eventLine } from '../../etcd/watch/eventLine.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';
import { watchName, WatchNode } from '../../views/watch/watchView.ts';
import { writeWhole } from '../../ui/localFile.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { pathTargets, scopeTargets, startFolder } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Watches keys, folders or whole connections from now on, in a view. */
export async function watchPrefix(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await scopeTargets(context, argument, selected, {
    title: l10n.t('Watch Prefix'),
    placeholder: l10n.t('Type the path of the key or folder to watch'),
    folderLabel: (folder) => l10n.t('Watch the folder {0}', folder),
    wholeLabel: l10n.t('Watch all keys'),
    newKeyLabel: (key) => l10n.t('Watch the key {0}, which does not exist now', key),
  });
  let last: WatchNode | undefined;
  for (const target of targets) last = await context.watchView.add(livePath(target));
  if (last) await context.watchView.show(last);
}

/** Switches notifications for a key or an existing watch on or off. */
export async function notifyOnChange(context: CommandContext, argument: unknown): Promise<void> {
  const node = argument instanceof WatchNode ? argument : await watchedKey(context, argument);
  if (node.notifies) context.changeNotices.leave(node);
  else context.changeNotices.follow(node);
}

async function watchedKey(context: CommandContext, argument: unknown): Promise<WatchNode> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Notify on Change'),
    placeholder: l10n.t('Type the path of a key'),
    newKeyLabel: (key) => l10n.t('Watch the key {0}, which does not exist now', key),
  });
  if (!target) throw cancelled();
  return await context.watchView.add(livePath(target));
}

export async function pauseWatch(context: CommandContext, argument: unknown): Promise<void> {
  (await watchTarget(context, argument)).watch.pause();
}

/** Continues after a pause or a failure. */
export async function continueWatch(context: CommandContext, argument: unknown): Promise<void> {
  const { watch } = await watchTarget(context, argument);
  if (watch.isPaused) watch.continue();
  if (watch.state.kind === 'failed') await watch.start();
}

export async function filterEvents(context: CommandContext, argument: unknown): Promise<void> {
  const node = await watchTarget(context, argument);
  const filter = await window.showInputBox({
    title: l10n.t('Filter the Events of {0}', watchName(node.watch.target)),
    prompt: l10n.t(
      'Shows only events of keys that contain this text; the others are still recorded. Leave it empty to show all.',
    ),
    value: node.filter,
  });
  if (filter === undefined) return;
  node.filter = filter;
  context.watchView.refresh();
}

export async function clearEvents(context: CommandContext, argument: unknown): Promise<void> {
  (await watchTarget(context, argument)).watch.clear();
}

export async function stopWatch(context: CommandContext, argument: unknown): Promise<void> {
  const node = await watchTarget(context, argument);
  context.changeNotices.leave(node);
  await context.watchView.remove(node);
}

export function moreEvents({ watchView }: CommandContext, argument: unknown): void {
  if (argument instanceof WatchNode) watchView.showMore(argument);
}

interface SaveItem extends QuickPickItem {
  readonly values: boolean;
}

/** Writes the shown events to a file of JSON Lines, oldest first. */
export async function saveEvents(context: CommandContext, argument: unknown): Promise<void> {
  const node = await watchTarget(context, argument);
  const events = node.watch.ring.oldest().filter((event) => node.matches(event));
  const name = watchName(node.watch.target);
  if (events.length === 0) throw new EtcdError('notFound', l10n.t('There are no events of {0} to save.', name));
  const items: SaveItem[] = [
    { label: l10n.t('Without values'), description: l10n.t('time, revision, key and size'), values: false },
    {
      label: l10n.t('With values'),
      description: l10n.t('also the new and the previous value, in base64'),
      values: true,
    },
  ];
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Save {0} of {1}', eventsText(events.length), name),
  });
  if (!choice) throw cancelled();
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(startFolder(), 'etcd-events.jsonl'),
    filters: { [l10n.t('JSON Lines')]: ['jsonl', 'ndjson'] },
  });
  if (!target) throw cancelled();
  await writeWhole(target, linesOf(events, choice.values));
  void window.showInformationMessage(l10n.t('Saved {0} to {1}.', eventsText(events.length), target.fsPath));
}

async function* linesOf(events: readonly RecordedEvent[], values: boolean): AsyncGenerator<string> {
  for (const event of events) yield `${eventLine(event, values)}\n`;
}

/** Shows the change of an event: from the key's revisions if they can be read, otherwise from the event's values. */
export async function showEventDiff(context: CommandContext, argument: unknown): Promise<void> {
  const { watchId, number } = unknownFields(argument);
  const node = context.watchView.nodes.find(({ watch }) => watch.id === watchId);
  const event = typeof number === 'number' ? node?.watch.ring.find(number) : undefined;
  if (!node || !event) throw new EtcdError('notFound', l10n.t('This event is no longer in memory.'));
  const connection = context.connections.require(node.watch.target.connection.id);
  const { key, revision } = event;
  const hasValues = !event.valuesDropped;
  if (connection.capabilities?.history) {
    const at = (moment: bigint) => ({ connectionId: connection.id, key, revision: moment });
    try {
      return await context.documents.compare(
        { ...at(event.previous?.modRevision ?? revision - 1n), readAt: revision - 1n },
        at(revision),
      );
    } catch (error) {
      if (!hasValues || !EtcdError.is(error)) throw error;
    }
  }
  if (!hasValues)
    throw new EtcdError(
      'notFound',
      l10n.t('The values of this event are no longer in memory: newer events replaced them.'),
    );
  await compareEvent(node.watch.id, event);
}

interface WatchItem extends QuickPickItem {
  readonly node: WatchNode;
}

/** Finds the watch for a command: its argument, the selected one, the only one, or the one that the user picks. */
async function watchTarget({ watchView }: CommandContext, argument: unknown): Promise<WatchNode> {
  if (argument instanceof WatchNode) return argument;
  const { selection, nodes } = watchView;
  if (selection) return selection.kind === 'watch' ? selection : selection.parent;
  const [only] = nodes;
  if (!only) throw new EtcdError('notFound', l10n.t('Nothing is watched. Run "etcd: Watch Prefix…" first.'));
  if (nodes.length === 1) return only;
  const items = nodes.map((node): WatchItem => {
    const { target } = node.watch;
    return { label: watchName(target), description: target.connection.name, node };
  });
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('Which watch?') });
  if (!chosen) throw cancelled();
  return chosen.node;
}

/** Returns the live path for a path in the past, because only the present can be watched. */
function livePath({ connection, kind, path }: PathTarget) {
  return { connection: liveOf(connection), kind, path };
}
