import { type FileEntry, type FileHeader, type FilePart } from './fileEntry.ts';
import { goesOn, segmentNames, segmentOf } from './folderNames.ts';
import { headerFields, readHeaderFields } from './jsonFile.ts';

/** In a folder of keys: what a file has in its header. */
const HEADER_FILE = '.etcd-keys.json';
const SLASH = '/'.charCodeAt(0);
const BYTES_AT_ONCE = 1024 * 1024;
const FILES_AT_ONCE = 128;

/** A folder of a file system; paths are names, from this folder on. */
export interface FolderToWrite {
  exists(path: readonly string[]): Promise<boolean>;
  createFolder(path: readonly string[]): Promise<void>;
  writeFile(path: readonly string[], content: Uint8Array): Promise<void>;
}

export interface FolderToRead {
  list(path: readonly string[]): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;
  readFile(path: readonly string[]): Promise<Uint8Array>;
}

/** Writes one file per key; the keys come in their order. */
export class KeyFolderWriter {
  readonly #folder: FolderToWrite;
  readonly #prefix: Uint8Array;
  /** The folders that lead to the last key. */
  #open: readonly { readonly segment: Uint8Array; readonly path: readonly string[] }[] = [];

  private constructor(folder: FolderToWrite, prefix: Uint8Array) {
    this.#folder = folder;
    this.#prefix = prefix;
  }

  static async begin(folder: FolderToWrite, header: FileHeader): Promise<KeyFolderWriter> {
    const content = `${JSON.stringify(headerFields(header), undefined, 2)}\n`;
    await folder.writeFile([HEADER_FILE], Buffer.from(content));
    return new KeyFolderWriter(folder, header.prefix);
  }

  async add({ key, value }: FileEntry): Promise<void> {
    const segments = split(key.subarray(this.#prefix.length));
    const name = segments.pop() ?? key;
    const path = await this.#freePath(await this.#folderOf(segments), name);
    await this.#folder.writeFile(path, value);
  }

  /** A folder's keys follow one another, so that a folder that is not open has no name yet. */
  async #folderOf(segments: readonly Uint8Array[]): Promise<readonly string[]> {
    const differs = segments.findIndex((segment, depth) => !isSame(segment, this.#open[depth]?.segment));
    const shared = this.#open.slice(0, differs < 0 ? segments.length : differs);
    const open = [...shared];
    for (const segment of segments.slice(shared.length)) {
      const path = await this.#freePath(open.at(-1)?.path ?? [], segment);
      await this.#folder.createFolder(path);
      open.push({ segment, path });
    }
    this.#open = open;
    return open.at(-1)?.path ?? [];
  }

  async #freePath(parent: readonly string[], segment: Uint8Array): Promise<readonly string[]> {
    for (let attempt = 0; ; attempt++) {
      const names = segmentNames(segment, attempt);
      const path = [...parent, ...names];
      if (await this.#folder.exists(path)) continue;
      if (names.length > 1) await this.#folder.createFolder(path.slice(0, -1));
      return path;
    }
  }
}

/** Reads a folder that `KeyFolderWriter` wrote; without its header file, names are taken as they are. Keys come in no order. */
export async function* readKeyFolder(folder: FolderToRead): AsyncGenerator<FilePart> {
  const written = (await folder.list([])).some(({ name }) => name === HEADER_FILE);
  const header = written
    ? readHeaderFields(Buffer.from(await folder.readFile([HEADER_FILE])).toString('utf8'))
    : { prefix: new Uint8Array() };
  yield { header };
  let entries: FileEntry[] = [];
  let bytes = 0;
  for await (const path of filesIn(folder, [])) {
    if (written && path.length === 1 && path[0] === HEADER_FILE) continue;
    const value = await folder.readFile(path);
    const name = written ? keyName(path) : Buffer.from(path.join('/'));
    entries.push({ key: new Uint8Array(Buffer.concat([header.prefix, name])), value });
    bytes += value.length;
    if (bytes < BYTES_AT_ONCE && entries.length < FILES_AT_ONCE) continue;
    yield { entries };
    entries = [];
    bytes = 0;
  }
  yield { entries };
}

async function* filesIn(folder: FolderToRead, path: readonly string[]): AsyncGenerator<readonly string[]> {
  const children = await folder.list(path);
  for (const { name, isFolder } of children.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isFolder) yield* filesIn(folder, [...path, name]);
    else yield [...path, name];
  }
}

function keyName(path: readonly string[]): Uint8Array {
  const segments: Uint8Array[] = [];
  let names: string[] = [];
  for (const name of path) {
    names.push(name);
    if (goesOn(name)) continue;
    segments.push(segmentOf(names));
    names = [];
  }
  return Buffer.concat(
    segments.flatMap((segment, index) => (index === 0 ? [segment] : [Uint8Array.of(SLASH), segment])),
  );
}

function split(key: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  let start = 0;
  for (let end = key.indexOf(SLASH); end >= 0; end = key.indexOf(SLASH, start)) {
    segments.push(key.subarray(start, end));
    start = end + 1;
  }
  return [...segments, key.subarray(start)];
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
