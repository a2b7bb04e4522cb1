import { commands, l10n, workspace, type TreeView } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import { LOCAL_PORT } from '../../connections/settings/connectionProfile.ts';
import { hasUntrustedConnections } from '../../connections/settings/untrustedSettings.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { window } from '../../ui/text/window.ts';

const CONTEXT = 'etcd.untrustedConnections';

type View = Pick<TreeView<unknown>, 'message' | 'visible' | 'onDidChangeVisibility'>;

/**
 * The line above the connections. In Restricted Mode it says that the workspace defines connections; if there are no
 * others, the welcome text says that instead. It also says if no connection could be opened.
 */
export class KeysMessage extends DisposableOwner {
  readonly #connections: Connections;
  readonly #view: View;
  #areUntrusted = false;

  constructor(connections: Connections, view: View) {
    super();
    this.#connections = connections;
    this.#view = view;
    this.own(connections.onDidChange(() => this.#show()));
    this.own(view.onDidChangeVisibility(() => this.#show()));
    // An etcd may have been started meanwhile, in another window.
    this.own(window.onDidChangeWindowState(() => this.#show()));
    this.#show();
    if (workspace.isTrusted) return;
    const update = () => void this.#update();
    this.own(workspace.onDidGrantWorkspaceTrust(update));
    this.own(workspace.onDidChangeWorkspaceFolders(update));
    this.own(workspace.onDidChangeConfiguration(update));
    update();
  }

  async #update(): Promise<void> {
    this.#areUntrusted = !workspace.isTrusted && (await hasUntrustedConnections());
    await commands.executeCommand('setContext', CONTEXT, this.#areUntrusted);
    this.#show();
  }

  #show(): void {
    const { live } = this.#connections;
    const message =
      live.length === 0 ? '' : this.#areUntrusted ? untrustedText() : haveFailed(live) ? failedText() : '';
    if (message !== this.#view.message) this.#view.message = message;
    if (live.length === 0 && this.#view.visible)
      void import('./localOffers.ts').then(({ offerLocal }) => offerLocal(LOCAL_PORT));
  }
}

function haveFailed(connections: Connections['live']): boolean {
  return connections.every(({ state }) => state.kind === 'failed' && state.error.kind !== 'cancelled');
}

function untrustedText(): string {
  return l10n.t('This workspace defines connections. They are not used until you trust it.');
}

function failedText(): string {
  return l10n.t('No connection could be opened. Expand one to read why, or run Diagnose Connection.');
}
