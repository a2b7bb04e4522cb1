import { watch, type FSWatcher } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import type { Disposable } from 'vscode';

/** Milliseconds to wait for further changes, because files that belong together are written one after the other. */
const SETTLE_MILLISECONDS = 200;
/** Number of symbolic links that Linux follows. */
const MAX_LINKS = 40;

/**
 * Reports when files may have changed. It watches their folders, so that replaced files and symbolic links anywhere on
 * the path are noticed. The listener must expect a call at the start, and calls without a change.
 */
export class FileWatch implements Disposable {
  readonly #files: readonly string[];
  readonly #changed: (signal: AbortSignal) => Promise<void>;
  readonly #end = new AbortController();
  #watchers: readonly FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void>;

  /**
   * @param files full paths
   * @param changed never called twice at a time; `dispose` aborts its signal
   */
  constructor(files: readonly string[], changed: (signal: AbortSignal) => Promise<void>) {
    this.#files = files;
    this.#changed = changed;
    this.#running = this.#look();
  }

  dispose(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
    this.#close();
  }

  async #watch(): Promise<void> {
    const folders = new Set((await Promise.all(this.#files.map((file) => foldersOnTheWayTo(file)))).flat());
    this.#close();
    if (this.#end.signal.aborted) return;
    this.#watchers = [...folders].flatMap((folder) => this.#watchFolder(folder));
  }

  /** Watches a folder. One that does not exist or cannot be watched is tried again when another one changes. */
  #watchFolder(folder: string): FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle());
      watcher.on('error', () => this.#settle());
      return [watcher];
    } catch {
      return [];
    }
  }

  #settle(): void {
    if (this.#end.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(() => this.#look());
    }, SETTLE_MILLISECONDS);
  }

  /** Starts watching before it reads, so that a change in between is noticed by one of the two. */
  async #look(): Promise<void> {
    await this.#watch();
    if (!this.#end.signal.aborted) await this.#changed(this.#end.signal);
  }

  #close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

/** Returns the folder of a file, and the folders of all links that lead to it. */
async function foldersOnTheWayTo(file: string): Promise<string[]> {
  const folders: string[] = [];
  let path = file;
  for (let links = 0; links < MAX_LINKS; links++) {
    const { link, target } = (await firstLink(path)) ?? {};
    if (link === undefined || target === undefined) break;
    folders.push(dirname(link));
    path = target;
  }
  return [...folders, dirname(path)];
}

/** Returns the first symbolic link on a path, and the path with that link resolved. */
async function firstLink(path: string): Promise<{ link: string; target: string } | undefined> {
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep);
  for (let count = 1; count <= names.length; count++) {
    const link = join(root, ...names.slice(0, count));
    const pointed = await readlink(link).catch(() => undefined);
    if (pointed !== undefined) return { link, target: resolve(dirname(link), pointed, ...names.slice(count)) };
  }
  return undefined;
}
