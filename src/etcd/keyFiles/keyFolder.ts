import { throwIfAborted } from '../cancelled.ts';
import * as l10n from '@vscode/l10n';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { SLASHES, type Hierarchy } from '../keys/hierarchy.ts';
import { compareKeys } from '../keys/ranges.ts';
import { badFile, type FileEntry, type FileHeader, type FilePart } from './fileEntry.ts';
import { goesOn, segmentNames, segmentOf } from './folderNames.ts';
import { JsonFileWriter, readManifest, type ListedKey } from './jsonFile.ts';

// See docs/contributing/decisions/key-files.md

/**
 * The JSON file about a folder's keys, with the path of a file in place of each value. No key's file begins with a dot.
 */
const MANIFEST = '.etcd-keys.json';
/** The folder of files whose paths would be too long. No segment is written as this name. */
const SHORTENED = '%~';
/** Ends the name of a file that shows the one beside it as YAML. No segment is written with it. */
const AS_YAML = '%.yaml';
/** macOS allows 1,024 bytes including the folders above this one; Linux allows 4,096. */
const MAX_PATH_BYTES = 700;
const BYTES_AT_ONCE = 1024 * 1024;
const FILES_AT_ONCE = 128;

/** A folder of a file system. Paths are lists of names, relative to this folder. */
export interface FolderToWrite {
  exists(path: readonly string[]): Promise<boolean>;
  createFolder(path: readonly string[]): Promise<void>;
  writeFile(path: readonly string[], content: Uint8Array): Promise<void>;
  /** Writes a text as it arrives; the file may appear only when it is complete. */
  writeText(path: readonly string[], pieces: AsyncIterable<string>): Promise<void>;
}

export interface FolderToRead {
  list(path: readonly string[]): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;
  readFile(path: readonly string[]): Promise<Uint8Array>;
  readChunks(path: readonly string[]): AsyncIterable<Uint8Array>;
}

/**
 * Writes one file per key, and a manifest with everything else about the keys.
 * @param parts keys in key order
 * @param hierarchy decides what becomes a folder
 */
export async function writeKeyFolder(
  folder: FolderToWrite,
  parts: AsyncIterable<FilePart>,
  { hierarchy, signal }: { readonly hierarchy: Hierarchy; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await folder.writeText([MANIFEST], writeFiles(folder, parts, hierarchy, signal));
}

/** Writes the files, and yields the text of the manifest: each key once its file is written. */
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
        throwIfAborted(signal);
        yield manifest.entry(entry, (await files.write(entry)).join('/'));
      }
  yield manifest.end();
}

/** A segment of a key that is a folder. */
interface FolderSegment {
  /** The segment with its separator. */
  readonly whole: Uint8Array;
  readonly name: Uint8Array;
  /** Index of that separator. */
  readonly separator: number;
}

interface OpenFolder extends Pick<FolderSegment, 'whole'> {
  readonly path: readonly string[];
}

class KeyFiles {
  readonly #folder: FolderToWrite;
  readonly #prefix: Uint8Array;
  readonly #hierarchy: Hierarchy;
  /** The folders around the last key, each with where its path ends in the key. */
  #open: readonly OpenFolder[] = [];
  /** Number of files with shortened names. */
  #shortened = 0;

  constructor(folder: FolderToWrite, prefix: Uint8Array, hierarchy: Hierarchy) {
    this.#folder = folder;
    this.#prefix = prefix;
    this.#hierarchy = hierarchy;
  }

  async write({ key, value, yaml }: FileEntry): Promise<readonly string[]> {
    const { folders, name } = this.#divide(key);
    const path = isTooLong(folders, name) ? await this.#shortPath() : await this.#pathOf(folders, name);
    await this.#folder.writeFile(path, value);
    if (yaml !== undefined) await this.#folder.writeFile(beside(path), Buffer.from(yaml));
    return path;
  }

  #divide(key: Uint8Array): { readonly folders: readonly FolderSegment[]; readonly name: Uint8Array } {
    const binary = toBinaryKey(key);
    const folders: FolderSegment[] = [];
    let from = this.#prefix.length;
    for (let end = this.#hierarchy.segmentEnd(binary, from); end; end = this.#hierarchy.segmentEnd(binary, from)) {
      const separator = key.subarray(end.name, end.separator);
      folders.push({
        whole: key.subarray(from, end.separator),
        name: key.subarray(from, end.name),
        separator: this.#hierarchy.separators.findIndex((each) => compareKeys(each, separator) === 0),
      });
      from = end.separator;
    }
    return { folders, name: key.subarray(from) };
  }

  /** Returns a file's path. A folder's keys follow one another, so a folder that is not open has no name yet. */
  async #pathOf(folders: readonly FolderSegment[], name: Uint8Array): Promise<readonly string[]> {
    const open: OpenFolder[] = [];
    let isShared = true;
    for (const { whole, name: segment, separator } of folders) {
      const before = this.#open[open.length];
      isShared &&= before !== undefined && compareKeys(before.whole, whole) === 0;
      if (isShared && before) open.push(before);
      else {
        const path = await this.#freePath(open.at(-1)?.path ?? [], segment, separator);
        await this.#folder.createFolder(path);
        open.push({ whole, path });
      }
    }
    this.#open = open;
    return await this.#freePath(open.at(-1)?.path ?? [], name);
  }

  /** Returns a path for a file whose key is only in the manifest. */
  async #shortPath(): Promise<readonly string[]> {
    if (this.#shortened === 0) await this.#folder.createFolder([SHORTENED]);
    return [SHORTENED, String(++this.#shortened)];
  }

  async #freePath(parent: readonly string[], name: Uint8Array, separator?: number): Promise<readonly string[]> {
    for (let attempt = 0; ; attempt++) {
      const names = segmentNames(name, attempt, separator);
      const path = [...parent, ...names];
      if (await this.#folder.exists(path)) continue;
      if (names.length > 1) await this.#folder.createFolder(path.slice(0, -1));
      return path;
    }
  }
}

function beside(path: readonly string[]): string[] {
  return [...path.slice(0, -1), `${path.at(-1) ?? ''}${AS_YAML}`];
}

function isTooLong(folders: readonly FolderSegment[], name: Uint8Array): boolean {
  const names = [...folders.flatMap((each) => segmentNames(each.name, 0, each.separator)), ...segmentNames(name)];
  return Buffer.byteLength(names.join('/')) > MAX_PATH_BYTES;
}

/**
 * Reads a folder that `writeKeyFolder` wrote: the keys of its manifest whose files exist, then added files, in no
 * order; not the files that only show others as YAML. Without a manifest, names are taken literally.
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
      for (const file of files) if (file.endsWith(AS_YAML)) files.delete(file);
    } else
      yield* withValues(
        folder,
        part.keys.filter(({ file }) => files.delete(file)),
      );
  const { prefix, separators = SLASHES.separators } = header;
  const nameless = [...files].find((file) => file.startsWith(`${SHORTENED}/`));
  if (nameless !== undefined)
    throw badFile(l10n.t('{0} has a shortened name, and {1} does not tell its key.', nameless, MANIFEST));
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

/** Returns the paths of all files, folder by folder. */
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
