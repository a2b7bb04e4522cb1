import { commands, type Disposable } from 'vscode';
import type { Connections } from '../connections/connections.ts';

/** Lets the palette offer what some open connection can do. */
export function keepMenuContext(connections: Connections): Disposable {
  return connections.onDidChange(() => {
    const emptyFolders = connections.all.some(({ capabilities }) => capabilities?.emptyFolders);
    void commands.executeCommand('setContext', 'etcd.emptyFolders', emptyFolders);
    void commands.executeCommand('setContext', 'etcd.past', connections.pasts.length > 0);
  });
}
