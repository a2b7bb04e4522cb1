import { commands, l10n, type Disposable } from 'vscode';
import { bytesText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyEvent } from '../../etcd/keyStore.ts';
import { watchName, type WatchNode, type WatchView } from './watchView.ts';
import { window } from '../../ui/text/window.ts';

/** Shortest time between two notifications of one watch, in milliseconds; changes in between share one. */
const BETWEEN = 3000;

/** Shows notifications of changes, if the user asked for them. */
export class ChangeNotices implements Disposable {
  readonly #view: WatchView;
  readonly #followed = new Map<WatchNode, Notifier>();

  constructor(view: WatchView) {
    this.#view = view;
  }

  follow(node: WatchNode): void {
    if (!this.#followed.has(node)) this.#followed.set(node, new Notifier(node, () => this.leave(node)));
    node.notifies = true;
    this.#view.refresh();
  }

  leave(node: WatchNode): void {
    this.#followed.get(node)?.dispose();
    this.#followed.delete(node);
    node.notifies = false;
    this.#view.refresh();
  }

  dispose(): void {
    for (const node of this.#followed.keys()) this.leave(node);
  }
}

class Notifier implements Disposable {
  readonly #node: WatchNode;
  readonly #stop: () => void;
  readonly #subscription: Disposable;
  #latest: KeyEvent | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(node: WatchNode, stop: () => void) {
    this.#node = node;
    this.#stop = stop;
    this.#subscription = node.watch.onDidReceive((events) => this.#gather(events));
  }

  dispose(): void {
    this.#subscription.dispose();
    clearTimeout(this.#timer);
  }

  #gather(events: readonly KeyEvent[]): void {
    // The message names only the latest event; of thousands, the number is enough.
    this.#count += events.length;
    const latest = events.at(-1);
    if (latest) this.#latest = latest;
    if (this.#timer === undefined) this.#notify();
  }

  #notify(): void {
    const latest = this.#latest;
    if (!latest) return;
    const count = this.#count;
    this.#latest = undefined;
    this.#count = 0;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#notify();
    }, BETWEEN);
    void this.#show(latest, count);
  }

  async #show(latest: KeyEvent, count: number): Promise<void> {
    const { watch } = this.#node;
    const showDiff = l10n.t('Show Diff');
    const stop = l10n.t('Stop Notifying');
    // Events that were held back during a pause get their numbers when the watch continues.
    const number = watch.ring.latestNumber + watch.waiting;
    const chosen = await window.showInformationMessage(sentence(latest, count, this.#node), showDiff, stop);
    if (chosen === showDiff) await commands.executeCommand('etcd.showEventDiff', { watchId: watch.id, number });
    if (chosen === stop) this.#stop();
  }
}

function sentence(latest: KeyEvent, count: number, { watch: { target } }: WatchNode): string {
  const { name } = target.connection;
  if (count > 1)
    return l10n.t(
      '{0} changes in {1} ({2}), the latest of them {3}.',
      count.toLocaleString(),
      watchName(target),
      name,
      keyOf(latest),
    );
  if (latest.kind === 'put')
    return l10n.t('{0} was written ({1}, {2}).', keyOf(latest), name, bytesText(latest.kv.value.length));
  return l10n.t('{0} was deleted ({1}).', keyOf(latest), name);
}

function keyOf(event: KeyEvent): string {
  return keyText(event.kind === 'put' ? event.kv.key : event.kind === 'folder' ? event.prefix : event.key);
}
