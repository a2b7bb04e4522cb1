import { EventEmitter, type FileChangeEvent, type FileChangeType, type Uri } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';

/** Milliseconds for which events are gathered before VS Code gets them. */
const GATHERING_TIME = 30;

/** The change events of a file system: the last one for each file. */
export class FileEvents extends DisposableOwner {
  readonly #emitter = this.own(new EventEmitter<FileChangeEvent[]>());
  readonly event = this.#emitter.event;
  readonly #gathered = new Map<string, FileChangeEvent>();
  #timer: NodeJS.Timeout | undefined;

  add(type: FileChangeType, uri: Uri): void {
    this.#gathered.set(uri.toString(), { type, uri });
    this.#timer ??= setTimeout(() => this.#fire(), GATHERING_TIME);
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    super.dispose();
  }

  #fire(): void {
    this.#timer = undefined;
    const events = [...this.#gathered.values()];
    this.#gathered.clear();
    this.#emitter.fire(events);
  }
}
