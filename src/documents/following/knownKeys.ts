import { EventEmitter } from 'vscode';
import { BoundedMap } from '../../etcd/boundedMap.ts';
import { factsOf, type KeyFacts } from '../../etcd/keyFacts.ts';
import type { KeySnapshot } from '../../etcd/keyStore.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { addressId, type KeyAddress } from '../addresses/keyUri.ts';

const MAX_KEYS = 500;

/** The latest known state of a key; no facts if it did not exist. */
export interface KnownKey {
  /** A revision of the store at which the key has this state. */
  readonly revision: bigint;
  readonly facts?: KeyFacts;
  /** Time when etcd reported it, by `performance.now()`. */
  readonly seenAt: number;
}

/** Remembers the states of documents' keys from reads and events; sends no requests itself. */
export class KnownKeys extends DisposableOwner {
  readonly #known = new BoundedMap<string, KnownKey>({ entries: MAX_KEYS });
  readonly #changed = this.own(new EventEmitter<KeyAddress>());
  readonly onDidChange = this.#changed.event;

  get(address: KeyAddress): KnownKey | undefined {
    return this.#known.get(addressId(address));
  }

  learn(address: KeyAddress, { revision, kv }: KeySnapshot): void {
    this.#set(address, { revision, seenAt: performance.now(), ...(kv && { facts: factsOf(kv) }) });
  }

  /** Records that the key's state is known up to this revision. */
  advance(address: KeyAddress, revision: bigint): void {
    const known = this.get(address);
    if (known && known.revision < revision) this.#known.set(addressId(address), { ...known, revision });
  }

  #set(address: KeyAddress, known: KnownKey): void {
    const id = addressId(address);
    const before = this.#known.get(id);
    if (before && before.revision > known.revision) return;
    this.#known.set(id, known);
    this.#changed.fire(address);
  }
}
