import { EtcdError } from '../../etcd/errors.ts';
import { prefixRange } from '../../etcd/keys/ranges.ts';
import type { KeyRange, KeyStore } from '../../etcd/keyStore.ts';
import type { Connection } from '../../connections/connection.ts';
import type { FolderNode } from '../keys/nodes.ts';

/** Shortest time between two listings of folders with bursts, in milliseconds. */
const PAUSE = 1000;
/** Largest share of the time that listing may take. */
const LOOKING_SHARE = 0.1;
/** Below this many revisions per second in the whole etcd, there can be no burst. */
const CALM_RATE = 200;
/**
 * Number of calm listings in a row that end a burst. It is doubled each time the burst soon returns, because one
 * revision may contain many writes.
 */
const CALM_LOOKS = 3;
const MAX_CALM_LOOKS = 60;
/** A burst has returned if it begins within this time after its end, in milliseconds. */
const SOON = 30_000;

interface Burst {
  readonly folder: FolderNode;
  readonly looksToCalm: number;
  calmLooks: number;
  /** The result of the last listing, and its time. */
  seen: { readonly revision: bigint; readonly at: number } | undefined;
}

export interface BurstFoldersOptions {
  /** Returns the folders to list again for this one; none if it is collapsed. */
  readonly shownFrom: (folder: FolderNode) => readonly FolderNode[];
  /** Called when a folder looks different; with `rows`, its children have changed. */
  readonly changed: (folder: FolderNode, what: 'rows' | 'count') => void;
  /** Called when a folder is empty. */
  readonly emptied: (folder: FolderNode) => void;
  /** Called when a burst is over: events of the folder from this revision on may be handled again. */
  readonly calmed: (folder: FolderNode, since: bigint) => void;
}

/** The folders in which changes come too fast for events; they are listed once a second as long as that lasts. */
export class BurstFolders {
  readonly #options: BurstFoldersOptions;
  readonly #bursts = new Map<FolderNode, Burst>();
  readonly #ended = new WeakMap<FolderNode, { readonly at: number; readonly looksToCalm: number }>();
  #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BurstFoldersOptions) {
    this.#options = options;
  }

  add(folder: FolderNode): void {
    const ended = this.#ended.get(folder);
    const isBack = ended !== undefined && performance.now() - ended.at < SOON;
    const looksToCalm = isBack ? Math.min(2 * ended.looksToCalm, MAX_CALM_LOOKS) : CALM_LOOKS;
    this.#bursts.set(folder, { folder, looksToCalm, calmLooks: 0, seen: undefined });
    if (this.#bursts.size === 1) this.#wait(PAUSE);
  }

  /** Whether events of this folder are ignored, because of a burst in it or in a folder above it. */
  has(folder: FolderNode): boolean {
    if (this.#bursts.has(folder)) return true;
    return folder.parent.kind === 'folder' && this.has(folder.parent);
  }

  /** Whether there is a burst in a folder below this one. */
  isAbove(folder: FolderNode): boolean {
    for (const bursting of this.#bursts.keys())
      for (let each = bursting.parent; each.kind === 'folder'; each = each.parent) if (each === folder) return true;
    return false;
  }

  of(connection: Connection): KeyRange[] {
    return [...this.#bursts.keys()].flatMap((each) => (each.connection === connection ? [prefixRange(each.path)] : []));
  }

  /** Forgets all bursts once the view is no longer visible. */
  clear(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    clearTimeout(this.#timer);
    this.#bursts.clear();
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#lookAtAll(this.#abort.signal), milliseconds);
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const start = performance.now();
    for (const burst of this.#bursts.values()) {
      try {
        await this.#look(burst, signal);
      } catch (error) {
        if (!EtcdError.is(error)) throw error;
        if (!signal.aborted) burst.folder.connection.noteOutcome(error);
      }
      if (signal.aborted) return;
    }
    if (this.#bursts.size > 0) this.#wait(Math.max(PAUSE, (performance.now() - start) / LOOKING_SHARE));
  }

  async #look(burst: Burst, signal: AbortSignal): Promise<void> {
    const { folder } = burst;
    const store = await folder.connection.store('background');
    const revision = await this.#refresh(burst, store, signal);
    if (signal.aborted) return;
    const now = performance.now();
    const { seen } = burst;
    burst.seen = { revision, at: now };
    if (!seen) return;
    const rate = Number(revision - seen.revision) / ((now - seen.at) / 1000);
    burst.calmLooks = rate < CALM_RATE ? burst.calmLooks + 1 : 0;
    if (burst.calmLooks < burst.looksToCalm) return;
    this.#ended.set(folder, { at: now, looksToCalm: burst.looksToCalm });
    this.#bursts.delete(folder);
    this.#options.calmed(folder, revision);
  }

  async #refresh({ folder, seen }: Burst, store: KeyStore, signal: AbortSignal): Promise<bigint> {
    const shown = this.#options.shownFrom(folder);
    // Draws the events that were handled before the burst was noticed.
    for (const level of shown)
      if ((await level.relist(store, signal, true)) || !seen) this.#options.changed(level, 'rows');
    if (shown.length > 0 && folder.revision !== undefined) return folder.revision;
    const { keys, revision } = await store.count([prefixRange(folder.path)], signal);
    if (signal.aborted) return revision;
    if (keys === 0) this.#options.emptied(folder);
    else if (keys !== folder.keyCount) this.#options.changed(folder, 'count');
    folder.keyCount = keys;
    folder.countRevision = revision;
    return revision;
  }
}
