import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type {
  ChildListing,
  DeleteOptions,
  DeleteResult,
  Expectation,
  KeyRange,
  KeySnapshot,
  KeyStore,
  KeyValue,
  ListOptions,
  PutResult,
} from '../keyStore.ts';
import { settleFailedDelete, settleFailedPut } from '../lostAnswers.ts';
import type { V2Answer, V2Client, V2Node } from './v2Client.ts';
import { directoryError, ERROR } from './v2Errors.ts';
import { V2Listing } from './v2Listing.ts';
import { directoryPath, keyPath, targetOf, type V2Target } from './v2Paths.ts';

/** Of a key or directory that is not there, also because a key stands in its way. */
const NOTHING_THERE = [ERROR.keyNotFound, ERROR.notADirectory];

/** What is at a target now. */
interface Census {
  readonly target: V2Target;
  readonly exists: boolean;
  readonly keys: number;
  /** The newest index of the keys and directories there. */
  readonly newest: bigint;
  readonly revision: bigint;
}

/**
 * A KeyStore over etcd's v2 keys API. Its keys and values are text; bytes of a value that are no UTF-8 reach any reader of
 * v2's JSON as U+FFFD. A hidden key (a name that begins with `_`) is not listed or counted, but can be read and written.
 */
export class V2Store implements KeyStore {
  readonly capabilities = { leases: false, emptyFolders: true };
  readonly #client: V2Client;

  constructor(client: V2Client) {
    this.#client = client;
  }

  /** A directory is no key: its snapshot has no `kv`. */
  async get(key: Uint8Array, signal?: AbortSignal): Promise<KeySnapshot> {
    const { node, index } = await this.#read(keyPath(key), { signal });
    return { revision: index, ...(node && !node.isDirectory && { kv: toKeyValue(key, node) }) };
  }

  listChildren(prefix: Uint8Array, { namePrefix = new Uint8Array() }: ListOptions = {}): ChildListing {
    return new V2Listing(this.#client, prefix, namePrefix);
  }

  /** v2 cannot count: each directory is read whole, with its values, so that memory has no bound here. */
  async count(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<{ keys: number; revision: bigint }> {
    const found = await this.#takeCensus(ranges, signal);
    return { keys: sum(found.map(({ keys }) => keys)), revision: found[0]?.revision ?? 0n };
  }

  async put(key: Uint8Array, value: Uint8Array, expectation: Expectation): Promise<PutResult> {
    const path = keyPath(key);
    const text = toText(value);
    // As in v3 a key at revision 0 is an absent one; to v2 `prevIndex=0` would be no condition at all.
    const expected = expectation !== 'absent' && expectation.modRevision === 0n ? 'absent' : expectation;
    const current = expected === 'absent' ? undefined : await this.#currentKey(key, path);
    if (expected !== 'absent' && current?.kv?.modRevision !== expected.modRevision)
      return { outcome: 'conflict', current: current ?? { revision: 0n } };
    // A put without `ttl` ends the time to live, and etcd refuses `refresh=true` next to a value. The rest that was read belongs
    // to just this index: setting it again prolongs the life by what the two requests take, and by less than a second of rounding.
    const ttl = current?.kv?.ttl;
    const parameters = {
      value: text,
      ...(expected === 'absent' ? { prevExist: 'false' } : { prevIndex: String(expected.modRevision) }),
      ...(ttl !== undefined && { ttl: String(Math.max(ttl, 1)) }),
    };
    let answer: V2Answer;
    try {
      const conflicts = [ERROR.keyNotFound, ERROR.compareFailed, ERROR.alreadyExists];
      answer = await this.#client.call({ method: 'PUT', path, parameters, expected: conflicts });
    } catch (error) {
      return await settleFailedPut(this, { key, value, expected }, error);
    }
    if (answer.node) return { outcome: 'written', modRevision: answer.node.modifiedIndex };
    return { outcome: 'conflict', current: await this.#currentKey(key, path) };
  }

  /**
   * v2 has neither transactions nor a comparison for directories: changes since `unchangedSince` are looked for in all ranges
   * before the first delete. etcd compares each single key once more, while a directory may change in the moment between.
   * A directory goes with the hidden keys in it, which no listing shows.
   */
  async delete(ranges: readonly KeyRange[], { unchangedSince }: DeleteOptions = {}): Promise<DeleteResult> {
    const found = await this.#takeCensus(ranges);
    if (unchangedSince !== undefined && found.some(({ newest }) => newest > unchangedSince))
      return { outcome: 'changed' };
    let keys = 0;
    let revision = found[0]?.revision ?? 0n;
    try {
      for (const census of found.filter(({ exists }) => exists)) {
        const answer = await this.#deleteTarget(census, unchangedSince !== undefined);
        if (answer.node) {
          keys += census.keys;
          revision = answer.node.modifiedIndex;
        } else if (answer.refusal.errorCode === ERROR.compareFailed) {
          if (keys === 0) return { outcome: 'changed' };
          throw new EtcdError(
            'unexpected',
            l10n.t('{0} was changed meanwhile.', decodeURIComponent(census.target.path)),
          );
        }
      }
    } catch (error) {
      throw stoppedAfter(keys, await settleFailedDelete(this, ranges, error));
    }
    return { outcome: 'deleted', keys, revision };
  }

  /** v2 has no leases, so that none is left. */
  leaseTimeToLive(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async createDirectory(prefix: Uint8Array, ttl?: number): Promise<void> {
    await this.#client.call({
      method: 'PUT',
      path: directoryPath(prefix),
      parameters: { dir: 'true', prevExist: 'false', ...(ttl !== undefined && { ttl: String(ttl) }) },
      expected: [],
    });
  }

  #read(path: string, { recursive = false, signal }: { recursive?: boolean; signal?: AbortSignal | undefined }) {
    const parameters = { quorum: 'true', ...(recursive && { recursive: 'true' }) };
    return this.#client.call({ method: 'GET', path, parameters, expected: NOTHING_THERE, signal });
  }

  /** @throws EtcdError where a directory stands in the key's place, which no write can replace */
  async #currentKey(key: Uint8Array, path: string): Promise<KeySnapshot> {
    const { node, index } = await this.#read(path, {});
    if (node?.isDirectory) throw directoryError(node.key);
    return { revision: index, ...(node && { kv: toKeyValue(key, node) }) };
  }

  async #takeCensus(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<Census[]> {
    const found: Census[] = [];
    for (const target of ranges.map(targetOf)) {
      const { node, index: revision } = await this.#read(target.path, {
        recursive: target.kind === 'directory',
        signal,
      });
      const exists = node !== undefined && node.isDirectory === (target.kind === 'directory');
      const nodes = exists ? [...withDescendants(node)] : [];
      const keys = nodes.filter(({ isDirectory }) => !isDirectory).length;
      const newest = nodes.reduce((most, { modifiedIndex }) => (modifiedIndex > most ? modifiedIndex : most), 0n);
      found.push({ target, exists, keys, newest, revision });
    }
    return found;
  }

  #deleteTarget({ target, newest }: Census, compare: boolean): Promise<V2Answer> {
    const { kind, path } = target;
    const parameters =
      kind === 'directory' ? { recursive: 'true' } : compare ? { prevIndex: String(newest) } : undefined;
    const expected = [ERROR.keyNotFound, ERROR.compareFailed];
    return this.#client.call({ method: 'DELETE', path, parameters: parameters ?? {}, expected });
  }
}

function toKeyValue(key: Uint8Array, { value, createdIndex, modifiedIndex, ttl }: V2Node): KeyValue {
  return {
    key,
    value: new TextEncoder().encode(value),
    createRevision: createdIndex,
    modRevision: modifiedIndex,
    ...(ttl !== undefined && { ttl }),
  };
}

function toText(value: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch (cause) {
    const message = l10n.t("etcd's v2 API holds text only, and this value is no UTF-8 text. Nothing was changed.");
    throw new EtcdError('unsupported', message, { cause });
  }
}

function* withDescendants(node: V2Node): Generator<V2Node> {
  yield node;
  for (const child of node.nodes) yield* withDescendants(child);
}

function stoppedAfter(keys: number, error: unknown): unknown {
  if (!EtcdError.is(error) || keys === 0) return error;
  const message = l10n.t('Only {0} keys were deleted before this happened: {1}', keys, error.message);
  return new EtcdError(error.kind, message, { cause: error });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
