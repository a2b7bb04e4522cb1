import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SHA_BYTES, type BoltFile } from './boltFile.ts';
import { META_BYTES } from './boltMeta.ts';
import { readExactly } from './fileWindows.ts';
import { loadIndex, saveIndex, type LoadedIndex } from './savedIndex.ts';
import type { IndexFacts } from './snapshotIndex.ts';

/** Limit of all saved indexes together. */
const MAX_BYTES = 1024 ** 3;
const DAY = 24 * 60 * 60 * 1000;
/** Milliseconds after which an unused index is removed. */
const MAX_AGE = 30 * DAY;

/** When a file was written, and its size then. */
export interface FileState {
  readonly size: bigint;
  readonly modified: bigint;
}

/** @throws Node's error */
export function fileState(path: string): FileState {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return { size, modified: mtimeNs };
}

/** The saved index of a file, in a folder of such indexes. */
export class SavedIndexes {
  readonly #folder: string;
  readonly #name: string;
  readonly #identity: string;

  /**
   * @param state of the file at `path`, before it was read or copied
   * @throws Node's error
   */
  constructor(folder: string, path: string, state: FileState, file: BoltFile) {
    this.#folder = folder;
    this.#name = `${digest(path).slice(0, 32)}.index`;
    this.#identity = digest(path, String(state.size), String(state.modified), ...commitsOf(file));
  }

  load(): LoadedIndex | undefined {
    return loadIndex(join(this.#folder, this.#name), this.#identity);
  }

  /** Saves an index, and removes those that are old or too many. Returns false if that is impossible, as on a full disk. */
  save(facts: IndexFacts): boolean {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      saveIndex(join(this.#folder, this.#name), this.#identity, facts);
      this.#tidy();
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error) return false;
      throw error;
    }
  }

  #tidy(): void {
    const now = Date.now();
    const files = readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(index|part)$/.test(entry.name))
      .flatMap(({ name }) => {
        const stat = statSync(join(this.#folder, name), { throwIfNoEntry: false });
        return stat ? [{ name, size: stat.size, age: now - stat.mtimeMs }] : [];
      })
      .toSorted((one, other) => one.age - other.age);
    let bytes = 0;
    for (const { name, size, age } of files) {
      // Another window may be writing a part.
      const isLeft = name.endsWith('.part') ? age > DAY : age > MAX_AGE || bytes + size > MAX_BYTES;
      if (isLeft && name !== this.#name) rmSync(join(this.#folder, name), { force: true });
      else bytes += size;
    }
  }
}

/** Returns both meta pages of a file, which change with each commit, and its checksum. */
function commitsOf({ fd, size, meta, end }: BoltFile): Uint8Array[] {
  return [0, meta.pageSize, ...(end === 'checksum' ? [size - SHA_BYTES] : [])].map((position) => {
    const bytes = new Uint8Array(position === size - SHA_BYTES ? SHA_BYTES : META_BYTES);
    readExactly(fd, bytes, position);
    return bytes;
  });
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex');
}
