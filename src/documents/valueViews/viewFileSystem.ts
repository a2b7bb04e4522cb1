import { EventEmitter, workspace, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import { VIEW_SCHEME } from '../addresses/keyUri.ts';
import { ReadOnlyFileSystem } from '../readOnly/readOnlyFileSystem.ts';
import type { ViewFiles } from './viewFiles.ts';

/** Values in other views, whose code is loaded with the first one. */
export class ViewFileSystem extends ReadOnlyFileSystem implements FileSystemProvider {
  readonly #load: () => Promise<ViewFiles>;
  #files: Promise<ViewFiles> | undefined;
  readonly onDidChangeFile = this.own(new EventEmitter<never>()).event;

  constructor(load: () => Promise<ViewFiles>) {
    super();
    this.#load = load;
    this.own(workspace.registerFileSystemProvider(VIEW_SCHEME, this, { isCaseSensitive: true }));
  }

  async stat(uri: Uri): Promise<FileStat> {
    return await (await this.#loaded).stat(uri);
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return await (await this.#loaded).readFile(uri);
  }

  override async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    await (await this.#loaded).writeFile(uri, content);
  }

  get #loaded(): Promise<ViewFiles> {
    return (this.#files ??= this.#load());
  }
}
