import { compareKeys } from '../keys/ranges.ts';
import type { Child, ChildListing, ChildPage, ListOptions } from '../keyStore.ts';
import type { V2Client, V2Node } from './v2Client.ts';
import { ERROR } from './v2Errors.ts';
import { directoryPath } from './v2Paths.ts';

interface Level {
  readonly children: readonly Child[];
  readonly revision: bigint;
}

const encoder = new TextEncoder();
const NOTHING: Uint8Array = new Uint8Array();

/**
 * Lists the children of one directory. v2 has neither pages nor a filter by name, and sends values with a directory's
 * keys. So the whole level is one request, and is cut into pages here.
 */
export class V2Listing implements ChildListing {
  readonly #client: V2Client;
  readonly #prefix: Uint8Array;
  readonly #namePrefix: Uint8Array;
  readonly #from: Uint8Array;
  #level: Level | undefined;
  #given = 0;

  constructor(client: V2Client, prefix: Uint8Array, { namePrefix = NOTHING, from = NOTHING }: ListOptions = {}) {
    this.#client = client;
    this.#prefix = prefix;
    this.#namePrefix = namePrefix;
    this.#from = from;
  }

  async next(size: number, signal?: AbortSignal): Promise<ChildPage> {
    const level = await this.#read(signal);
    this.#level ??= level;
    const { children, revision } = this.#level;
    const page = children.slice(this.#given, this.#given + size);
    this.#given += page.length;
    const left = children.length - this.#given;
    return { children: page, done: left === 0, revision, ...(left > 0 && { left }) };
  }

  async #read(signal: AbortSignal | undefined): Promise<Level> {
    if (this.#level) return this.#level;
    // All v2 keys begin with a slash: the empty prefix has one child, the root directory.
    if (this.#prefix.length === 0) {
      const root: Child = { kind: 'folder', name: new Uint8Array(), path: encoder.encode('/') };
      return { children: this.#namePrefix.length === 0 ? [root] : [], revision: 0n };
    }
    const { node, index } = await this.#client.call({
      method: 'GET',
      path: directoryPath(this.#prefix),
      parameters: { quorum: 'true' },
      // A directory that was deleted, or became a key, has no children any more.
      expected: [ERROR.keyNotFound, ERROR.notADirectory],
      signal,
    });
    const children = (node?.nodes ?? [])
      .map(toChild)
      .filter(({ name, path }) => startsWith(name, this.#namePrefix) && compareKeys(path, this.#from) >= 0);
    // Sorted here, because `sorted=true` sorts by name, while in key order `/a-b` precedes the content of `/a/`.
    return { children: children.toSorted((a, b) => compareKeys(a.path, b.path)), revision: index };
  }
}

function toChild({ key, isDirectory, ttl }: V2Node): Child {
  return {
    kind: isDirectory ? 'folder' : 'key',
    name: encoder.encode(key.slice(key.lastIndexOf('/') + 1)),
    path: encoder.encode(isDirectory ? `${key}/` : key),
    ...(ttl !== undefined && { ttl }),
  };
}

function startsWith(name: Uint8Array, prefix: Uint8Array): boolean {
  return compareKeys(name.subarray(0, prefix.length), prefix) === 0;
}
