import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportKeys, fileText } from '../../../src/etcd/keyFiles/exportKeys.ts';
import type { FilePart } from '../../../src/etcd/keyFiles/fileEntry.ts';
import { TEXT_FORMATS, type TextFormat } from '../../../src/etcd/keyFiles/formats.ts';
import { planImport, restorePlan, type ImportPlan } from '../../../src/etcd/keyFiles/importPlan.ts';
import type { ImportState } from '../../../src/etcd/keyFiles/importStates.ts';
import { ImportSpool } from '../../../src/etcd/keyFiles/importSpool.ts';
import { ImportWriter, type ImportChoice } from '../../../src/etcd/keyFiles/importWriter.ts';
import type { FolderToRead, FolderToWrite } from '../../../src/etcd/keyFiles/keyFolder.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { bytes } from '../connecting.ts';

/** Exports all keys of a prefix as the text of a file. */
export async function exported(store: KeyStore, prefix: string, format: TextFormat, facts = false): Promise<string> {
  const request = { ranges: [prefixRange(bytes(prefix))], prefix: bytes(prefix), facts };
  return await textOf(exportKeys(store, request), format);
}

/** Returns the text of a file with these parts. */
export async function textOf(parts: AsyncIterable<FilePart>, format: TextFormat): Promise<string> {
  let text = '';
  for await (const piece of fileText(parts, TEXT_FORMATS[format].writer())) text += piece;
  return text;
}

export function partsOf(text: string, format: TextFormat = 'json'): AsyncIterable<FilePart> {
  return TEXT_FORMATS[format].read(chunks(text));
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += 10_000) yield all.subarray(at, at + 10_000);
}

/** Returns the text of a JSON file with these keys and values. */
export function jsonFile(keys: Readonly<Record<string, string>>): string {
  return JSON.stringify({ keys: Object.entries(keys).map(([key, value]) => ({ key, value })) });
}

/** Plans imports, with spools in a temporary folder. */
export class Imports {
  readonly #folder: string;
  readonly #spools: ImportSpool[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async begin(): Promise<Imports> {
    return new Imports(await mkdtemp(join(tmpdir(), 'etcd-imports-')));
  }

  async plan(store: KeyStore, parts: AsyncIterable<FilePart>, prefix?: string): Promise<ImportPlan> {
    const source = { parts, ...(prefix !== undefined && { prefix: bytes(prefix) }) };
    return await planImport(store, source, await this.#newSpool());
  }

  /** Plans an interrupted import again from its file. */
  async restored(
    parts: AsyncIterable<FilePart>,
    seen: { readonly seen: Uint8Array; readonly digest: string },
  ): Promise<ImportPlan> {
    return await restorePlan({ parts }, await this.#newSpool(), seen);
  }

  async #newSpool(): Promise<ImportSpool> {
    const spool = await ImportSpool.create(join(this.#folder, String(this.#spools.length)));
    this.#spools.push(spool);
    return spool;
  }

  async end(): Promise<void> {
    for (const spool of this.#spools) await spool.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Creates a writer of everything that a plan would change. */
export function writerOf(store: KeyStore, plan: ImportPlan, choice: Partial<ImportChoice> = {}): ImportWriter {
  const taken = new Set<ImportState>(['added', 'changed', 'conflicting']);
  const takes = (index: number) => taken.has(plan.stateOf(index));
  return new ImportWriter(store, plan, { takes, leases: 'stay', undoBytes: Infinity, ...choice });
}

/** Accesses a folder of this machine's file system. */
export function localFolder(root: string): FolderToRead & FolderToWrite {
  const at = (path: readonly string[]) => join(root, ...path);
  return {
    exists: (path) =>
      stat(at(path)).then(
        () => true,
        () => false,
      ),
    createFolder: async (path) => void (await mkdir(at(path), { recursive: true })),
    writeFile: (path, content) => writeFile(at(path), content, { flag: 'wx' }),
    writeText: (path, pieces) => writeFile(at(path), pieces, { flag: 'wx' }),
    list: async (path) =>
      (await readdir(at(path), { withFileTypes: true })).map((each) => ({
        name: each.name,
        isFolder: each.isDirectory(),
      })),
    readFile: async (path) => new Uint8Array(await readFile(at(path))),
    readChunks: (path) => createReadStream(at(path)),
  };
}
