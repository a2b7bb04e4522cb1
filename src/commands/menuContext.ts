import { commands, workspace } from 'vscode';
import type { Connections } from '../connections/connections.ts';
import { affectsPinnedFolders, pinnedFolders } from '../connections/lists/pinnedFolders.ts';
import { DisposableOwner } from '../ui/disposableOwner.ts';

/** Makes the palette offer only commands that are possible with the present connections. */
export class MenuContext extends DisposableOwner {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    super();
    this.#connections = connections;
    this.own(connections.onDidChange(() => this.#update()));
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (affectsPinnedFolders(event)) this.#update();
      }),
    );
    this.#update();
  }

  #update(): void {
    const { live } = this.#connections;
    void commands.executeCommand('setContext', 'etcd.hasConnections', live.length > 0);
    void commands.executeCommand('setContext', 'etcd.facets', facetsOf(this.#connections));
  }
}

/**
 * Returns a word for each fact about the connections, each after a semicolon. A store's capability is ruled out only
 * once every connection is open and none has it.
 */
function facetsOf({ live, configured, pasts }: Connections): string {
  const some = (test: (connection: (typeof live)[number]) => boolean | undefined) => live.some((each) => test(each));
  const words = {
    configured: configured.length > 0,
    file: live.length > configured.length,
    past: pasts.length > 0,
    connected: some(({ state }) => state.kind === 'connected'),
    connecting: some(({ state }) => state.kind === 'connecting'),
    pinned: some((connection) => pinnedFolders(connection).length > 0),
    emptyFolders: some(({ capabilities }) => capabilities?.emptyFolders),
    noWrites: !some(({ isReadOnly, capabilities }) => !isReadOnly && capabilities?.writable !== false),
    noHistory: !some(({ capabilities }) => capabilities?.history !== false),
    noLeases: !some(({ capabilities }) => capabilities?.leases !== false),
  };
  return Object.entries(words)
    .map(([word, isTrue]) => (isTrue ? `;${word}` : ''))
    .join('');
}
