import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keyspace/binaryKey.ts';
import { SLASHES, type Hierarchy } from '../keyspace/hierarchy.ts';
import { compareKeys } from '../keyspace/ranges.ts';
import type { FileEntry, FileHeader, FilePart } from './fileEntry.ts';
import { goesOn, segmentNames, segmentOf } from './folderNames.ts';
import { JsonFileWriter, readManifest, type ListedKey } from './jsonFile.ts';

/** In a folder of keys: what a JSON file says of them, with the path of a file in place of each value. */
const MANIFEST = '.etcd-keys.json';
const BYTES_AT_ONCE = 1024 * 1024;
const FILES_AT_ONCE = 128;

/** A folder of a file system; paths are names, from this folder on. */
export interface FolderToWrite {
  exists(path: readonly string[]): Promise<boolean>;
  createFolder(path: readonly string[]): Promise<void>;
  writeFile(path: readonly string[], content: Uint8Array): Promise<void>;
  /** Writes a text as it comes; the file need not be there before all of it is. */
  writeText(path: readonly string[], pieces: AsyncIterable<string>): Promise<void>;
}

export interface FolderToRead {
  list(path: readonly string[]): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;
  readFile(path: readonly string[]): Promise<Uint8Array>;
  readChunks(path: readonly string[]): AsyncIterable<Uint8Array>;
}

/**
 * Writes one file per key, and a manifest with all else that is known of the keys.
 * @param parts keys in their order
 * @param hierarchy what is a folder
 */
export async function writeKeyFolder(
  folder: FolderToWrite,
  parts: AsyncIterable<FilePart>,
  { hierarchy, signal }: { readonly hierarchy: Hierarchy; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await folder.writeText([MANIFEST], writeFiles(folder, parts, hierarchy, signal));
}

/** The text of the manifest, a key when its file is written. */
async function* writeFiles(
  folder: FolderToWrite,
  parts: AsyncIterable<FilePart>,
  hierarchy: Hierarchy,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const manifest = new JsonFileWriter();
  let files: KeyFiles | undefined;
  for await (const part of parts)
    if ('header' in part) {
      files = new KeyFiles(folder, part.header.prefix, hierarchy);
      yield manifest.begin({ ...part.header, separators: hierarchy.separators });
    } else if (files)
      for (const entry of part.entries) {
        if (signal?.aborted) throw new EtcdError('cancelled', l10n.t('Cancelled.'));
        yield manifest.entry(entry, (await files.write(entry)).join('/'));
      }
  yield manifest.end();
}

class KeyFiles {
  readonly #folder: FolderToWrite;
  readonly #prefix: Uint8Array;
  readonly #hierarchy: Hierarchy;
  /** The folders that lead to the last key, each with where it ends there. */
  #open: readonly { readonly segment: Uint8Array; readonly path: readonly string[] }[] = [];

  constructor(folder: FolderToWrite, prefix: Uint8Array, hierarchy: Hierarchy) {
    this.#folder = folder;
    this.#prefix = prefix;
    this.#hierarchy = hierarchy;
  }

  /** A folder's keys follow one another, so that a folder that is not open has no name yet. */
  async write({ key, value }: FileEntry): Promise<readonly string[]> {
    const binary = toBinaryKey(key);
    const open: { readonly segment: Uint8Array; readonly path: readonly string[] }[] = [];
    let isShared = true;
    let from = this.#prefix.length;
    for (
      let end = this.#hierarchy.segmentEnd(binary, from);
      end;
      from = end.separator, end = this.#hierarchy.segmentEnd(binary, from)
    ) {
      const segment = key.subarray(from, end.separator);
      const before = this.#open[open.length];
      isShared &&= before !== undefined && compareKeys(before.segment, segment) === 0;
      if (isShared && before) open.push(before);
      else {
        const separator = key.subarray(end.name, end.separator);
        const number = this.#hierarchy.separators.findIndex((each) => compareKeys(each, separator) === 0);
        const path = await this.#freePath(open.at(-1)?.path ?? [], key.subarray(from, end.name), number);
        await this.#folder.createFolder(path);
        open.push({ segment, path });
      }
    }
    this.#open = open;
    const path = await this.#freePath(open.at(-1)?.path ?? [], key.subarray(from));
    await this.#folder.writeFile(path, value);
    return path;
  }

  async #freePath(parent: readonly string[], name: Uint8Array, separator?: number): Promise<readonly string[]> {
    for (let attempt = 0; ; attempt++) {
      const names = segmentNames(name, attempt, separator);
      const path = [...parent, ...names];
      if (path.join('/').toLowerCase() === MANIFEST || (await this.#folder.exists(path))) continue;
      if (names.length > 1) await this.#folder.createFolder(path.slice(0, -1));
      return path;
    }
  }
}

/**
 * Reads a folder that `writeKeyFolder` wrote: the keys of its manifest as far as their files are there, then what was added,
 * in no order. Without a manifest, names are taken as they are.
 */
export async function* readKeyFolder(folder: FolderToRead): AsyncGenerator<FilePart> {
  if (!(await folder.list([])).some(({ name }) => name === MANIFEST)) {
    yield { header: { prefix: new Uint8Array() } };
    yield* withValues(
      folder,
      unlisted(await filesIn(folder), (path) => Buffer.from(path)),
    );
    return;
  }
  let header: FileHeader = { prefix: new Uint8Array() };
  let files = new Set<string>();
  for await (const part of readManifest(folder.readChunks([MANIFEST])))
    if ('header' in part) {
      ({ header } = part);
      yield part;
      files = await filesIn(folder);
      files.delete(MANIFEST);
    } else
      yield* withValues(
        folder,
        part.keys.filter(({ file }) => files.delete(file)),
      );
  const { prefix, separators = SLASHES.separators } = header;
  yield* withValues(
    folder,
    unlisted(files, (path) => Buffer.concat([prefix, keyName(path.split('/'), separators)])),
  );
}

function* unlisted(files: Iterable<string>, keyOf: (path: string) => Uint8Array): Generator<ListedKey> {
  for (const file of files) yield { key: new Uint8Array(keyOf(file)), file };
}

async function* withValues(folder: FolderToRead, keys: Iterable<ListedKey>): AsyncGenerator<FilePart> {
  let entries: FileEntry[] = [];
  let bytes = 0;
  for (const { file, ...listed } of keys) {
    const value = await folder.readFile(file.split('/'));
    entries.push({ ...listed, value });
    bytes += value.length;
    if (bytes < BYTES_AT_ONCE && entries.length < FILES_AT_ONCE) continue;
    yield { entries };
    entries = [];
    bytes = 0;
  }
  yield { entries };
}

/** The paths of all files, folder by folder. */
async function filesIn(folder: FolderToRead): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (path: readonly string[]): Promise<void> => {
    const children = await folder.list(path);
    for (const { name, isFolder } of children.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      if (isFolder) await visit([...path, name]);
      else found.add([...path, name].join('/'));
  };
  await visit([]);
  return found;
}

function keyName(path: readonly string[], separators: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let names: string[] = [];
  for (const [index, name] of path.entries()) {
    names.push(name);
    if (goesOn(name)) continue;
    const { segment, separator } = segmentOf(names);
    pieces.push(segment);
    if (index < path.length - 1) pieces.push(separators[separator] ?? separators[0] ?? Buffer.from('/'));
    names = [];
  }
  return Buffer.concat(pieces);
}
