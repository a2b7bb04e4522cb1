import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { fromBinaryKey, toBinaryKey } from '../keys/binaryKey.ts';
import { keyText } from '../keys/keyText.ts';
import { owned } from '../keys/owned.ts';
import { prefixRange, singleKeyRange, withoutNested } from '../keys/ranges.ts';
import type { KeyRange, KeyValue, ScanPage } from '../keyStore.ts';
import { sum } from '../sum.ts';
import {
  holds,
  isOneCluster,
  isSameKey,
  lifetimeThere,
  newKey,
  permissionsOf,
  rangeOf,
  sharesLeases,
  type Permissions,
  type TransferPlan,
  type TransferRoot,
} from './transferPlan.ts';

/**
 * What will happen to a key: it is created; its new name is taken by another value, or has this value already; or it
 * cannot be transferred.
 */
export type Fate = 'create' | 'taken' | 'present' | 'denied' | 'impossible';

export interface PreviewEntry {
  readonly fate: Fate;
  readonly key: Uint8Array;
  readonly modRevision: bigint;
  readonly target: Uint8Array;
  /** Revision of the key at the new name. */
  readonly there?: bigint;
  /** Why the key cannot be transferred. */
  readonly why?: string;
}

/** What a transfer would do, judging by both stores at the time of the preview. A preview writes nothing. */
export interface TransferPreview {
  readonly seen: TransferPlan['seen'];
  readonly oneCluster: boolean;
  readonly counts: Readonly<Record<Fate, number>>;
  readonly total: number;
  /** The first keys of each fate. */
  readonly entries: readonly PreviewEntry[];
  /**
   * Keys to transfer that have a lease: one that the target has too, or one that it does not know. Unless `areAll`,
   * there may be more among keys whose values are not read.
   */
  readonly leases: { readonly kept: number; readonly lost: number; readonly areAll: boolean };
  /** Bytes of the values that are moved or overwritten; undefined if they are too many to read. */
  readonly bytes: number | undefined;
  /** Folders that this user may read only partly. */
  readonly partlyReadable: readonly Uint8Array[];
}

export interface PreviewRequest extends Pick<TransferPlan, 'source' | 'target' | 'roots' | 'move'> {
  /** Values of up to this many keys and bytes are read too, to find keys that have the same value already. */
  readonly mostValues: { readonly keys: number; readonly bytes: number };
  readonly signal: AbortSignal;
  readonly progress?: (keys: number) => void;
}

/** Keys looked up in one transaction. */
const LOOKED_UP = 128;
/** Keys looked up at a time with their values, which may have 1.5 MB each. */
const VALUES_AT_ONCE = 16;
/** Entries listed for each fate. */
const LISTED = 5000;

/** Reads every key that a transfer would touch, page by page. @throws EtcdError */
export async function previewTransfer(request: PreviewRequest): Promise<TransferPreview> {
  return await new Preview(request).make();
}

class Preview {
  readonly #request: PreviewRequest;
  readonly #counts: Record<Fate, number> = { create: 0, taken: 0, present: 0, denied: 0, impossible: 0 };
  readonly #entries: PreviewEntry[] = [];
  #oneCluster = false;
  #sourceRevision: bigint | undefined;
  #targetRevision: bigint | undefined;
  #leased = 0;
  #bytes: number | undefined = 0;

  constructor(request: PreviewRequest) {
    this.#request = request;
  }

  async make(): Promise<TransferPreview> {
    this.#oneCluster = await isOneCluster(this.#request, this.#request.signal);
    const permissions = await permissionsOf(this.#request, this.#request.signal);
    for (const root of this.#request.roots) await this.#lookAt(root, permissions);
    return {
      seen: { source: this.#sourceRevision ?? 0n, target: this.#targetRevision ?? 0n },
      counts: this.#counts,
      oneCluster: this.#oneCluster,
      total: this.#total,
      entries: this.#entries,
      leases: {
        ...(this.#sharesLeases ? { kept: this.#leased, lost: 0 } : { kept: 0, lost: this.#leased }),
        areAll: this.#bytes !== undefined || this.#request.source.leases === undefined,
      },
      bytes: this.#bytes,
      partlyReadable: await this.#partlyReadable(),
    };
  }

  get #sharesLeases(): boolean {
    return sharesLeases({ ...this.#request, oneCluster: this.#oneCluster });
  }

  get #total(): number {
    return sum(Object.values(this.#counts));
  }

  async #lookAt(root: TransferRoot, permissions: Permissions): Promise<void> {
    const folders = new FolderKeys(this.#request.target.capabilities.emptyFolders);
    const isEmpty = await this.#hasNoKey(root);
    for await (const { kvs, revision } of this.#pages(root)) {
      this.#sourceRevision ??= revision;
      for (let at = 0; at < kvs.length; at += LOOKED_UP) {
        const entries = kvs.slice(at, at + LOOKED_UP).map((kv) => this.#judge(root, kv, permissions, folders));
        await this.#lookUp(isEmpty ? [] : entries.filter(({ entry }) => entry.fate === 'create'));
        for (const { entry } of entries) this.#note(entry);
      }
      this.#request.progress?.(this.#total);
    }
  }

  /** Whether no key is below the new name of a folder. */
  async #hasNoKey({ kind, to }: TransferRoot): Promise<boolean> {
    if (kind === 'key') return false;
    try {
      const { keys, revision } = await this.#request.target.count([prefixRange(to)], this.#request.signal);
      this.#targetRevision ??= revision;
      return keys === 0;
    } catch (error) {
      // A part of it may be readable; and v2 cannot store every prefix.
      if (EtcdError.is(error, 'permissionDenied', 'unsupported')) return false;
      throw error;
    }
  }

  /** Reads the pages of a root, with values if they are wanted. */
  async *#pages(root: TransferRoot): AsyncGenerator<ScanPage> {
    const { source, signal, mostValues } = this.#request;
    const range = rangeOf(root);
    let rest: KeyRange = range;
    if (this.#bytes !== undefined)
      for await (const page of source.scan(range, { values: true, signal })) {
        yield page;
        this.#bytes = (this.#bytes ?? 0) + sum(page.kvs.map(({ value }) => value.length));
        const last = page.kvs.at(-1);
        const isTooMuch = this.#total > mostValues.keys || this.#bytes > mostValues.bytes;
        if (!isTooMuch || !last) continue;
        this.#bytes = undefined;
        // v2 always sends values.
        if (!source.capabilities.history) continue;
        rest = { start: singleKeyRange(last.key).end, end: range.end };
        break;
      }
    if (this.#bytes === undefined && (rest !== range || source.capabilities.history))
      yield* source.scan(rest, { signal });
  }

  /** Judges a key as far as possible without asking the target. */
  #judge(root: TransferRoot, kv: KeyValue, { mayTake, mayPut }: Permissions, folders: FolderKeys): Judged {
    const { source, target: store, move } = this.#request;
    const target = newKey(root, kv.key);
    const value = this.#bytes === undefined ? undefined : kv.value;
    const why =
      target.length === 0
        ? l10n.t('A key cannot be empty.')
        : (store.problemOf?.(target, value) ??
          folders.problemOf(target) ??
          (move ? source.locks?.of(kv.key) : undefined));
    const fate = !mayTake(kv.key) || !mayPut(target) ? 'denied' : why === undefined ? 'create' : 'impossible';
    const entry: PreviewEntry = {
      fate,
      key: kv.key,
      modRevision: kv.modRevision,
      target,
      ...(why !== undefined && { why }),
    };
    if (fate === 'create' && (kv.lease ?? 0n) !== 0n) this.#leased++;
    return { entry, kv };
  }

  /** Finds out which new names exist already. */
  async #lookUp(judged: readonly Judged[]): Promise<void> {
    const { target: store, signal } = this.#request;
    const { kvs, revision } = await store.getMany(
      judged.map(({ entry }) => entry.target),
      { signal },
    );
    if (judged.length > 0) this.#targetRevision ??= revision;
    const met = judged.filter((each, index) => {
      const there = kvs[index];
      if (there) each.entry = { ...each.entry, fate: 'taken', there: there.modRevision };
      return there !== undefined;
    });
    for (let at = 0; at < met.length && this.#bytes !== undefined; at += VALUES_AT_ONCE)
      await this.#compare(met.slice(at, at + VALUES_AT_ONCE));
  }

  async #compare(met: readonly Judged[]): Promise<void> {
    const { target: store, signal } = this.#request;
    const keys = met.map(({ entry }) => entry.target);
    const { kvs } = await store.getMany(keys, { values: true, signal });
    met.forEach((each, index) => {
      const there = kvs[index];
      if (!there) return;
      this.#bytes = (this.#bytes ?? 0) + there.value.length;
      const lifetime = lifetimeThere(each.kv, () => this.#sharesLeases);
      if (holds(there, each.kv, lifetime) && !isSameKey(this.#oneCluster, each.kv, there))
        each.entry = { ...each.entry, fate: 'present' };
    });
  }

  #note(entry: PreviewEntry): void {
    if (++this.#counts[entry.fate] > LISTED) return;
    this.#entries.push({ ...entry, key: owned(entry.key), target: owned(entry.target) });
  }

  async #partlyReadable(): Promise<Uint8Array[]> {
    const { source, roots, signal } = this.#request;
    const readable = await source.permitted?.('read', signal);
    if (!readable) return [];
    const isWhole = (range: KeyRange) =>
      readable.some((each) => {
        const [outer, ...others] = withoutNested([each, range]);
        return outer === each && others.length === 0;
      });
    return roots.filter((root) => !isWhole(rangeOf(root))).map(({ from }) => from);
  }
}

interface Judged {
  entry: PreviewEntry;
  readonly kv: KeyValue;
}

/**
 * Finds keys, given in key order, that would be below another key, in a store where folders and keys exclude each
 * other.
 */
class FolderKeys {
  readonly #matters: boolean;
  /** The last key, with the earlier keys that are its prefixes. */
  #above: string[] = [];

  constructor(matters: boolean) {
    this.#matters = matters;
  }

  problemOf(key: Uint8Array): string | undefined {
    if (!this.#matters) return undefined;
    const name = toBinaryKey(key);
    this.#above = this.#above.filter((above) => name.startsWith(above));
    const folder = this.#above.find((above) => name.startsWith(`${above}/`));
    if (folder !== undefined)
      return l10n.t("{0} is a key: in etcd's v2 API nothing can be below it.", keyText(fromBinaryKey(folder)));
    this.#above.push(name);
    return undefined;
  }
}
