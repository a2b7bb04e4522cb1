import { l10n, type Disposable } from 'vscode';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { CommandContext } from './commandContext.ts';

/** Remembers what saves have overwritten, so that Undo brings it back. */
export function rememberSaves({ documents, connections, undoLog }: CommandContext): Disposable {
  return documents.onDidWrite(({ connectionId, key, modRevision, previous }) => {
    const connection = connections.get(connectionId);
    if (connection && previous)
      undoLog.add(connection, l10n.t('Saved {0}', keyText(key)), [{ previous, left: { modRevision } }]);
  });
}
