import * as l10n from '@vscode/l10n';
import { explainCompaction } from './compaction.ts';
import { EtcdError } from './errors.ts';
import type { ChildListing, KeyStore, ScanOptions } from './keyStore.ts';
import { readOnlyStore } from './readOnlyStore.ts';

/**
 * A store as it was at a revision: what is read without a revision is read at that one, and nothing can be written. The past has
 * no leases and no events. What fails since the revision is compacted says from which one on etcd keeps what was.
 */
export function pinnedStore(store: KeyStore, pinned: bigint): KeyStore {
  const { leases: _leases, ...readOnly } = readOnlyStore(store);
  const get: KeyStore['get'] = async (key, { revision = pinned, signal } = {}) => {
    const snapshot = await explainCompaction(store, revision, signal, () => store.get(key, { revision, signal }));
    return { ...snapshot, revision };
  };
  return {
    ...readOnly,
    capabilities: { ...readOnly.capabilities, leases: false, following: 'none', tellsEnd: false },
    get,
    getMany: (keys, options = {}) => {
      const revision = options.revision ?? pinned;
      return explainCompaction(store, revision, options.signal, () => store.getMany(keys, { ...options, revision }));
    },
    listChildren: (prefix, { revision = pinned, ...options } = {}) =>
      explained(store, revision, store.listChildren(prefix, { ...options, revision })),
    scan: (range, options = {}) => scan(store, range, { ...options, revision: options.revision ?? pinned }),
    watch: () => {
      throw new EtcdError('unsupported', l10n.t('What was does not change: there is nothing to watch.'));
    },
    // etcd counts only what is there now: the keys, without values, are counted here.
    count: async (ranges, signal) => {
      let keys = 0;
      for (const range of ranges)
        for await (const page of scan(store, range, { revision: pinned, signal })) keys += page.kvs.length;
      return { keys, revision: pinned };
    },
  };
}

function explained(store: KeyStore, revision: bigint, listing: ChildListing): ChildListing {
  return {
    next: (size, signal, begun) => explainCompaction(store, revision, signal, () => listing.next(size, signal, begun)),
  };
}

async function* scan(
  store: KeyStore,
  range: Parameters<KeyStore['scan']>[0],
  options: ScanOptions & { readonly revision: bigint },
): ReturnType<KeyStore['scan']> {
  const pages = store.scan(range, options)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const page = await explainCompaction(store, options.revision, options.signal, () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  } finally {
    await pages.return?.();
  }
}
