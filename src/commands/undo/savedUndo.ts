import { l10n, type Disposable } from 'vscode';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { CommandContext } from '../context/commandContext.ts';

/** Remembers the values that saves overwrite, for Undo. */
export function rememberSaves({ documents, connections, undoLog }: CommandContext): Disposable {
  return documents.onDidWrite(({ connectionId, key, modRevision, previous }) => {
    const connection = connections.get(connectionId);
    if (connection && previous)
      undoLog.add(connection, l10n.t('Saved {0}', keyText(key)), [{ previous, left: { modRevision } }]);
  });
}
