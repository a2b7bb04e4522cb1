import { commands, l10n, Uri, type Disposable } from 'vscode';
import { keyUriParts } from '../../documents/addresses/keyUri.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';

/**
 * Offers to make room when a save was refused because the database is full; one offer for each connection at a time.
 */
export function offerRoom({ documents, connections }: Pick<CommandContext, 'documents' | 'connections'>): Disposable {
  const offered = new Set<string>();
  return documents.onDidMeetFull((address) => {
    const { connectionId } = address;
    const connection = connections.get(connectionId);
    if (!connection || offered.has(connectionId)) return;
    offered.add(connectionId);
    const room = l10n.t('Make Room…');
    const sentence = l10n.t('The database of {0} is full, so your text is not saved yet.', connection.name);
    void window.showWarningMessage(sentence, room).then(async (chosen) => {
      offered.delete(connectionId);
      if (chosen === room) await commands.executeCommand('etcd.makeRoom', Uri.from(keyUriParts(address)));
    });
  });
}
