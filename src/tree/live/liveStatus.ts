import { l10n, StatusBarAlignment, window, type TreeView } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import type { LiveFeeds } from '../../connections/live/liveFeeds.ts';
import { liveLook } from '../../connections/live/liveLook.ts';
import type { LiveState } from '../../connections/live/liveState.ts';
import { DisposableOwner } from '../../ui/disposable.ts';
import { factTable, type Fact } from '../../ui/keyTooltip.ts';
import type { TreeNode } from '../nodes.ts';

/** What the status bar says of several connections: the state that deserves attention most. */
const BY_ATTENTION: readonly LiveState[] = ['interrupted', 'polling', 'live', 'off'];

/** Says in the status bar whether what is visible follows etcd: while anything does, or while the view is to be seen. */
export class LiveStatus extends DisposableOwner {
  readonly #connections: Connections;
  readonly #feeds: LiveFeeds;
  readonly #view: TreeView<TreeNode>;
  readonly #item = this.own(window.createStatusBarItem('etcd.live', StatusBarAlignment.Left));

  /** @param command runs when the item is clicked */
  constructor(connections: Connections, feeds: LiveFeeds, view: TreeView<TreeNode>, command: string) {
    super();
    this.#connections = connections;
    this.#feeds = feeds;
    this.#view = view;
    this.#item.name = l10n.t('etcd live');
    this.#item.command = command;
    this.own(feeds.onDidChangeState(() => this.#show()));
    this.own(connections.onDidChange(() => this.#show()));
    this.own(view.onDidChangeVisibility(() => this.#show()));
    this.#show();
  }

  #show(): void {
    const connected = this.#connections.all.filter(
      ({ capabilities, revision }) => capabilities && revision === undefined,
    );
    const states = new Set(connected.map((connection) => this.#feeds.stateOf(connection)));
    const state = BY_ATTENTION.find((each) => states.has(each));
    const isOfInterest = state !== 'off' || this.#view.visible;
    if (state === undefined || !isOfInterest) return this.#item.hide();
    const { icon, word } = liveLook(state);
    this.#item.text = `$(${icon}) etcd ${word}`;
    const facts = connected.map((connection): Fact => [
      connection.name,
      liveLook(this.#feeds.stateOf(connection)).text,
    ]);
    const action = this.#feeds.isOn ? l10n.t('Click to stop following.') : l10n.t('Click to follow.');
    this.#item.tooltip = factTable(l10n.t('What is visible of etcd follows it. {0}', action), facts);
    this.#item.accessibilityInformation = { label: l10n.t('etcd: {0}. {1}', word, action), role: 'button' };
    this.#item.show();
  }
}
