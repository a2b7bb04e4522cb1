import type { Connections } from '../../connections/connections.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';

/** Locks and unlocks open documents when `readOnly` of their connection changes. */
export class LockFollower extends DisposableOwner {
  readonly #connections: Connections;
  readonly #noteChanged: (isConcerned: (address: KeyAddress) => boolean) => void;
  #readOnly: ReadonlyMap<string, string>;
  /** Connections that changed, and have not opened since. */
  readonly #waiting = new Set<string>();

  constructor(connections: Connections, noteChanged: (isConcerned: (address: KeyAddress) => boolean) => void) {
    super();
    this.#connections = connections;
    this.#noteChanged = noteChanged;
    this.#readOnly = this.#read();
    this.own(connections.onDidChange(() => this.#follow()));
  }

  #read(): ReadonlyMap<string, string> {
    return new Map(this.#connections.all.map(({ id, profile }) => [id, String(profile.settings.readOnly)]));
  }

  #follow(): void {
    const before = this.#readOnly;
    this.#readOnly = this.#read();
    const switched = new Set(
      [...this.#readOnly].flatMap(([id, is]) => (before.has(id) && before.get(id) !== is ? [id] : [])),
    );
    // Requests may be refused while a connection is still opening.
    const opened = new Set([...this.#waiting].filter((id) => this.#connections.get(id)?.state.kind === 'connected'));
    for (const id of switched) this.#waiting.add(id);
    for (const id of opened) this.#waiting.delete(id);
    const concerned = new Set([...switched, ...opened]);
    if (concerned.size > 0) this.#noteChanged(({ connectionId }) => concerned.has(connectionId));
  }
}
