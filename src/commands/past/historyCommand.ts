import { l10n } from 'vscode';
import { liveOf } from '../../connections/pastConnection.ts';
import { eventHistory } from '../../etcd/past/eventHistory.ts';
import { keyHistory } from '../../etcd/past/keyHistory.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pickFromHistory, type HistoryChoice } from './historyPick.ts';
import type { PickedVersion } from './pickedVersion.ts';
import { browseAt } from './pastCommands.ts';
import { restoreVersions } from '../undo/restore.ts';
import type { PathTarget } from '../context/pathTarget.ts';
import { pathTargets } from '../context/targets.ts';

/** Shows the versions of a key, which may be deleted. Each version can be compared, opened or restored. */
export async function showHistory(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Show History'),
    placeholder: l10n.t('Type the path of a key'),
    newKeyLabel: (key) => l10n.t('Look for the deleted key {0}', key),
  });
  if (target?.kind === 'key') await showHistoryOf(context, target);
}

/** Shows the versions of a known key. */
export async function showHistoryOf(context: CommandContext, target: PathTarget): Promise<void> {
  const { connection, path } = target;
  const store = await connection.store('interactive');
  if (!store.capabilities.history) return await showEventHistory(context, target, store);
  const live = await liveOf(connection).store('interactive');
  const choice = await pickFromHistory({
    title: l10n.t('History of {0} ({1})', keyText(path), connection.name),
    newest: connection.revision === undefined && !connection.file ? l10n.t('now') : l10n.t('then'),
    isReadOnly: liveOf(connection).isReadOnly && !connection.file,
    canRestoreNewest: connection.file !== undefined,
    canBrowse: true,
    entries: (signal) => keyHistory(store, path, signal, live),
  });
  if (choice) await act(context, target, choice);
}

/** Shows the versions of a v2 key and keeps them, because etcd cannot return them again. */
async function showEventHistory(context: CommandContext, target: PathTarget, store: KeyStore): Promise<void> {
  const { connection, path } = target;
  const choice = await pickFromHistory({
    title: l10n.t('History of {0} ({1})', keyText(path), connection.name),
    newest: l10n.t('now'),
    end: l10n.t('etcd remembers only the last 1,000 events of all v2 keys.'),
    isReadOnly: connection.isReadOnly,
    canBrowse: false,
    keepsValues: true,
    entries: async function* entries(signal) {
      for (const entry of await eventHistory(store, path, signal)) {
        if (entry.kind === 'version') {
          const { modRevision } = entry.kv;
          context.documents.keepVersion({ connectionId: connection.id, key: path, revision: modRevision }, entry.kv);
        }
        yield entry;
      }
    },
  });
  if (choice) await act(context, target, choice);
}

async function act(context: CommandContext, { connection, path }: PathTarget, choice: HistoryChoice): Promise<void> {
  const live = liveOf(connection);
  const now = { connectionId: live.id, key: path };
  const address = ({ modRevision, readAt }: PickedVersion) => ({ ...now, revision: modRevision, readAt });
  const { version } = choice;
  switch (choice.act) {
    case 'compareWithNow':
      return await context.documents.compare(address(version), now);
    case 'compare': {
      const [older, newer] = inOrder(version, choice.other);
      return await context.documents.compare(address(older), address(newer));
    }
    case 'open':
      return await context.documents.openVersion(address(version));
    case 'browse':
      return await browseAt(context, live, version.modRevision, path);
    case 'restore':
      return await restoreVersions(context, live, [{ key: path, ...version }]);
  }
}

function inOrder(a: PickedVersion, b: PickedVersion): readonly [PickedVersion, PickedVersion] {
  return a.modRevision < b.modRevision ? [a, b] : [b, a];
}
