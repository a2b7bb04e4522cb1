import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyMetadata } from '../../etcd/keyStore.ts';
import type { ReadableValue } from '../../etcd/secrets/readableValue.ts';

/** Limits of an answer, in characters: a model pays for each of them. */
const MAX_ANSWER = 40_000;
const MAX_KEY = 1000;

/** The answer of a tool. */
export interface ToolAnswer {
  readonly data: object;
  /** Number of keys in it, for the log. */
  readonly keys: number;
}

/** Collects entries as long as they fit into an answer. */
export class AnswerList {
  readonly entries: object[] = [];
  #left = MAX_ANSWER;

  /** @returns false if the entry did not fit */
  add(entry: object): boolean {
    this.#left -= JSON.stringify(entry).length;
    if (this.#left >= 0) this.entries.push(entry);
    return this.#left >= 0;
  }
}

/** Returns a key's text as a field of this name, cut if it is very long. */
export function keyField(name: 'key' | 'folder', key: Uint8Array): object {
  const text = keyText(key);
  return text.length <= MAX_KEY ? { [name]: text } : { [name]: text.slice(0, MAX_KEY), isCut: true };
}

/** Describes a value, cut if it is longer than a number of characters. */
export function valueFields(bytes: number, shown: ReadableValue | undefined, most: number): object {
  if (!shown) return { bytes, note: 'The value is not text and is not shown.' };
  const isCut = shown.cut || shown.text.length > most;
  return {
    bytes,
    value: shown.text.slice(0, most).toWellFormed(),
    ...(isCut && { isCut }),
    ...(shown.masked && { note: 'Secrets are masked.' }),
  };
}

export function revisionFields({ createRevision, modRevision, version, lease }: KeyMetadata): object {
  return {
    modRevision: String(modRevision),
    createRevision: String(createRevision),
    ...(version !== undefined && { version: String(version) }),
    ...(lease !== undefined && lease !== 0n && { lease: lease.toString(16) }),
  };
}
