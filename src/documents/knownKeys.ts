import { EventEmitter } from 'vscode';
import { factsOf, type KeyFacts } from '../etcd/keyFacts.ts';
import type { KeySnapshot } from '../etcd/keyStore.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { addressId, type KeyAddress } from './keyUri.ts';

/** So many keys are remembered. */
const MOST_KEPT = 500;

/** What was last seen of a key; no facts where it did not exist. */
export interface KnownKey {
  /** The revision of the store that shows the key like this. */
  readonly revision: bigint;
  readonly facts?: KeyFacts;
  /** When etcd said so, by `performance.now()`. */
  readonly seenAt: number;
}

/** What is known about the keys of documents from what was read and told anyway, without asking for it. */
export class KnownKeys extends DisposableOwner {
  readonly #known = new Map<string, KnownKey>();
  readonly #changed = this.own(new EventEmitter<KeyAddress>());
  readonly onDidChange = this.#changed.event;

  get(address: KeyAddress): KnownKey | undefined {
    return this.#known.get(addressId(address));
  }

  learn(address: KeyAddress, { revision, kv }: KeySnapshot): void {
    this.#set(address, { revision, seenAt: performance.now(), ...(kv && { facts: factsOf(kv) }) });
  }

  /** Nothing happened to the key up to this revision but what is known. */
  advance(address: KeyAddress, revision: bigint): void {
    const known = this.get(address);
    if (known && known.revision < revision) this.#known.set(addressId(address), { ...known, revision });
  }

  #set(address: KeyAddress, known: KnownKey): void {
    const id = addressId(address);
    const before = this.#known.get(id);
    if (before && before.revision > known.revision) return;
    this.#known.delete(id);
    this.#known.set(id, known);
    for (const oldest of this.#known.keys()) if (this.#known.size > MOST_KEPT) this.#known.delete(oldest);
    this.#changed.fire(address);
  }
}
