import type { Disposable } from 'vscode';

/** Base of what owns disposables: what is registered late, after the end, is disposed at once. */
export abstract class DisposableOwner implements Disposable {
  readonly #owned: Disposable[] = [];
  #disposed = false;

  protected own<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    this.#disposed = true;
    for (const disposable of this.#owned.splice(0).toReversed()) disposable.dispose();
  }
}
