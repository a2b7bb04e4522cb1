import { watch, type FSWatcher } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import type { Disposable } from 'vscode';

/** Files that belong together are written one after the other. */
const SETTLE_MILLISECONDS = 200;
/** As many symbolic links as Linux follows. */
const MOST_LINKS = 40;

/**
 * Tells when files may have changed, by their folders, so that a file which another replaces is noticed too, and a symbolic
 * link anywhere on the way to it. Sleeps in between; a call at the start and spurious ones are for the listener to see through.
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
   * @param changed never called twice at a time; its signal is aborted by `dispose`
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

  /** A folder that is not there, or that the system cannot watch, is looked at again when another one changes. */
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

  /** First to watch, then to look: a change in between shows in one of the two. */
  async #look(): Promise<void> {
    await this.#watch();
    if (!this.#end.signal.aborted) await this.#changed(this.#end.signal);
  }

  #close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

/** The file's folder, and those of all links that lead to it. */
async function foldersOnTheWayTo(file: string): Promise<string[]> {
  const folders: string[] = [];
  let path = file;
  for (let links = 0; links < MOST_LINKS; links++) {
    const { link, target } = (await firstLink(path)) ?? {};
    if (link === undefined || target === undefined) break;
    folders.push(dirname(link));
    path = target;
  }
  return [...folders, dirname(path)];
}

/** The first symbolic link on a path, and the path with it resolved. */
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
