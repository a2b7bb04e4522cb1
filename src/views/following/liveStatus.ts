import { l10n, StatusBarAlignment, type TreeView, ThemeIcon } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import type { LiveFeeds } from '../../connections/following/liveFeeds.ts';
import { liveLook } from '../../connections/following/liveLook.ts';
import type { LiveState } from '../../connections/following/liveState.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { type Fact } from '../../ui/keyTooltip.ts';
import { factMarkdown } from '../../ui/text/markdown.ts';
import type { TreeNode } from '../keys/nodes.ts';
import { window } from '../../ui/text/window.ts';

/** States in order of the attention they need; the status bar shows the first one of all connections. */
const BY_ATTENTION: readonly LiveState[] = ['interrupted', 'polling', 'live', 'off'];

/** Shows in the status bar whether visible things follow etcd, while anything does or the view is visible. */
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
      ({ capabilities, file, revision }) => capabilities && !file && revision === undefined,
    );
    const states = new Set(connected.map((connection) => this.#feeds.stateOf(connection)));
    const state = BY_ATTENTION.find((each) => states.has(each));
    const isOfInterest = state !== 'off' || this.#view.visible;
    if (state === undefined || !isOfInterest) return this.#item.hide();
    const { icon, word } = liveLook(state);
    this.#item.text = [new ThemeIcon(icon), `etcd ${word}`];
    const facts = connected.map((connection): Fact => [
      connection.name,
      liveLook(this.#feeds.stateOf(connection)).text,
    ]);
    const action = this.#feeds.isOn
      ? l10n.t('Click to turn live updates off.')
      : l10n.t('Click to turn live updates on.');
    this.#item.tooltip = factMarkdown(l10n.t('Visible keys and documents update live. {0}', action), facts);
    this.#item.accessibilityInformation = { label: l10n.t('etcd: {0}. {1}', word, action), role: 'button' };
    this.#item.show();
  }
}
