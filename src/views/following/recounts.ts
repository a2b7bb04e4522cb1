import { EtcdError } from '../../etcd/errors.ts';
import { prefixRange } from '../../etcd/keys/ranges.ts';
import type { FolderNode } from '../keys/nodes.ts';

/** Milliseconds for which folders to count are gathered. */
const GATHERING_TIME = 200;
/** Largest share of the time that counting may take. */
const COUNTING_SHARE = 0.1;

/** Counts the keys of folders for which events are not enough. */
export class Recounts {
  readonly #counted: (folder: FolderNode) => void;
  readonly #folders = new Set<FolderNode>();
  #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(counted: (folder: FolderNode) => void) {
    this.#counted = counted;
  }

  add(folder: FolderNode): void {
    this.#folders.add(folder);
    this.#timer ??= setTimeout(() => void this.#countAll(this.#abort.signal), GATHERING_TIME);
  }

  clear(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#folders.clear();
  }

  async #countAll(signal: AbortSignal): Promise<void> {
    const start = performance.now();
    for (const folder of [...this.#folders]) {
      this.#folders.delete(folder);
      await this.#count(folder, signal);
      if (signal.aborted) return;
    }
    this.#timer = undefined;
    if (this.#folders.size === 0) return;
    const pause = Math.max(GATHERING_TIME, (performance.now() - start) / COUNTING_SHARE);
    this.#timer = setTimeout(() => void this.#countAll(signal), pause);
  }

  async #count(folder: FolderNode, signal: AbortSignal): Promise<void> {
    try {
      const store = await folder.connection.store('background');
      const { keys, revision } = await store.count([prefixRange(folder.path)], signal);
      if (signal.aborted) return;
      folder.keyCount = keys;
      folder.countRevision = revision;
      this.#counted(folder);
    } catch (error) {
      // The folder stays uncounted.
      if (!EtcdError.is(error)) throw error;
    }
  }
}
