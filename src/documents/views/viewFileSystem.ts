import { EventEmitter, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import { ReadOnlyFileSystem } from '../readOnly/readOnlyFileSystem.ts';
import type { ViewFiles, ViewServices } from './viewFiles.ts';

/** Values in other views, whose code is loaded with the first one. */
export class ViewFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #services: ViewServices;
  #files: Promise<ViewFiles> | undefined;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(services: ViewServices) {
    super();
    this.#services = services;
  }

  async stat(uri: Uri): Promise<FileStat> {
    return await (await this.#load()).stat(uri);
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return await (await this.#load()).readFile(uri);
  }

  override async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    await (await this.#load()).writeFile(uri, content);
  }

  #load(): Promise<ViewFiles> {
    this.#files ??= import('./viewFiles.ts').then(({ ViewFiles: Files }) => new Files(this.#services));
    return this.#files;
  }
}
