import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import { keyText } from './keys/keyText.ts';
import { compareKeys, prefixRange, singleKeyRange } from './keys/ranges.ts';
import type { DeleteOptions, DeleteResult, KeyList, KeyLocks, KeyRange, KeyStore } from './keyStore.ts';
import { unconfirmedStore } from './readOnlyStore.ts';
import type { KeyGlobs } from './search/keyGlobs.ts';

// See docs/contributing/decisions/keys.md

/** Attempts at a delete while others write into its ranges. */
const MAX_TRIES = 10;

/**
 * Wraps a store some of whose keys cannot be changed: a write or delete that would change one of them fails with
 * EtcdError `readOnly`, and nothing is sent.
 */
export function lockingStore(store: KeyStore, globs: KeyGlobs): KeyStore {
  const locks = new GlobLocks(store, globs);
  const refusing = unconfirmedStore(store);
  const { leases } = store;
  const createDirectory = store.createDirectory?.bind(store);
  const removeEmptyDirectories = store.removeEmptyDirectories?.bind(store);
  return {
    ...refusing,
    // Read each time, because it may become known only later how changes can be followed.
    get capabilities() {
      return store.capabilities;
    },
    locks,
    problemOf: (key, value) => locks.of(key) ?? store.problemOf?.(key, value),
    put: async (key, ...rest) => {
      locks.refuse([key]);
      return await store.put(key, ...rest);
    },
    delete: async (ranges, options = {}) => await deleteUnlocked(store, locks, ranges, options),
    transact: async (changes) => {
      locks.refuse(changes.flatMap(({ kind, key }) => (kind === 'check' ? [] : [key])));
      return await store.transact(changes);
    },
    ...(leases &&
      refusing.leases && {
        leases: {
          ...refusing.leases,
          revoke: async (lease) => {
            locks.refuse((await leases.info(lease))?.keys ?? []);
            await leases.revoke(lease);
          },
        },
      }),
    ...(createDirectory && {
      createDirectory: async (prefix, ttl) => {
        locks.refuse([prefix]);
        await createDirectory(prefix, ttl);
      },
    }),
    ...(removeEmptyDirectories && {
      removeEmptyDirectories: async (prefix) => {
        // Directories among locked keys stay, even empty ones.
        if (!locks.mayMeet(prefix)) await removeEmptyDirectories(prefix);
      },
    }),
  };
}

/** Deletes ranges in which no key is locked, not even one that others create meanwhile. */
async function deleteUnlocked(
  store: KeyStore,
  locks: GlobLocks,
  ranges: readonly KeyRange[],
  options: DeleteOptions,
): Promise<DeleteResult> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const unchangedSince = options.unchangedSince ?? (await locks.check(ranges));
    // What was unchanged since then was there when the keys are looked at.
    if (options.unchangedSince !== undefined) await locks.check(ranges);
    const guard = unchangedSince === undefined ? {} : { unchangedSince };
    const result = await store.delete(ranges, { ...options, ...guard });
    if (result.outcome === 'deleted' || options.unchangedSince !== undefined) return result;
  }
  throw new EtcdError('unexpected', l10n.t('Nothing was deleted, because others keep writing these keys. Try again.'));
}

/** The keys that globs of the settings lock. */
class GlobLocks implements KeyLocks {
  readonly #store: KeyStore;
  readonly #globs: KeyGlobs;

  constructor(store: KeyStore, globs: KeyGlobs) {
    this.#store = store;
    this.#globs = globs;
  }

  of(key: Uint8Array): string | undefined {
    return this.#globs.matches(key) ? l10n.t('A glob in "readOnly" of the connection matches it.') : undefined;
  }

  ofFolder(prefix: Uint8Array): string | undefined {
    return this.#globs.matchesAll(prefix)
      ? l10n.t('A glob in "readOnly" of the connection matches everything in it.')
      : undefined;
  }

  async check(ranges: readonly KeyRange[], signal?: AbortSignal): Promise<bigint | undefined> {
    let checked: bigint | undefined;
    for (const range of ranges) {
      if (isSingle(range)) {
        this.refuse([range.start]);
        continue;
      }
      for (const part of this.#globs.partsOf(range))
        for await (const { keys, revision } of this.#store.scanKeys(part, { levels: true, signal })) {
          this.refuse(eachOf(keys));
          if (checked === undefined || revision < checked) checked = revision;
        }
    }
    return checked;
  }

  /** Whether a key or directory below the prefix may be locked. */
  mayMeet(prefix: Uint8Array): boolean {
    return this.#globs.partsOf(prefixRange(prefix)).length > 0;
  }

  /** @throws EtcdError if one of the keys is locked */
  refuse(keys: Iterable<Uint8Array>): void {
    const [locked] = this.#globs.matching(keys);
    if (locked)
      throw new EtcdError(
        'readOnly',
        l10n.t('A glob in "readOnly" of the connection matches {0}, so that nothing may change it.', keyText(locked)),
        { notCarriedOut: true },
      );
  }
}

function* eachOf(keys: KeyList): Generator<Uint8Array> {
  for (let index = 0; index < keys.length; index++) yield keys.key(index);
}

function isSingle({ start, end }: KeyRange): boolean {
  return start.length > 0 && compareKeys(singleKeyRange(start).end, end) === 0;
}
