import * as l10n from '@vscode/l10n';
import { explainCompaction } from './compaction.ts';
import { EtcdError } from '../errors.ts';
import type { ChildListing, KeyStore } from '../keyStore.ts';
import { readOnlyStore } from '../readOnlyStore.ts';

/**
 * Wraps a store as it was at a revision: reads without a revision read at that one, and writes are refused. The past
 * has no leases and no events. If the revision is compacted, errors say which revision is the oldest.
 */
export function storeAtRevision(store: KeyStore, at: bigint): KeyStore {
  const { leases: _leases, ...readOnly } = readOnlyStore(store);
  const get: KeyStore['get'] = async (key, { revision = at, signal } = {}) => {
    const snapshot = await explainCompaction(store, revision, signal, () => store.get(key, { revision, signal }));
    return { ...snapshot, revision };
  };
  const firstKeys = store.firstKeys?.bind(store);
  const scanKeys: KeyStore['scanKeys'] = (range, { revision = at, ...options } = {}) =>
    explainedPages(store, revision, options.signal, store.scanKeys(range, { ...options, revision }));
  return {
    ...readOnly,
    capabilities: { ...readOnly.capabilities, leases: false, following: 'none', tellsEnd: false },
    get,
    getMany: (keys, options = {}) => {
      const revision = options.revision ?? at;
      return explainCompaction(store, revision, options.signal, () => store.getMany(keys, { ...options, revision }));
    },
    ...(firstKeys && {
      firstKeys: (range, most, options = {}) => {
        const revision = options.revision ?? at;
        return explainCompaction(store, revision, options.signal, () =>
          firstKeys(range, most, { ...options, revision }),
        );
      },
    }),
    listChildren: (prefix, { revision = at, ...options } = {}) =>
      explained(store, revision, store.listChildren(prefix, { ...options, revision })),
    scan: (range, { revision = at, ...options } = {}) =>
      explainedPages(store, revision, options.signal, store.scan(range, { ...options, revision })),
    scanKeys,
    watch: () => {
      throw new EtcdError('unsupported', l10n.t('A past revision cannot change, so there is nothing to watch.'));
    },
    // etcd can count only at the present, so the keys are read, without values, and counted here.
    count: async (ranges, signal) => {
      let keys = 0;
      for (const range of ranges) for await (const page of scanKeys(range, { signal })) keys += page.keys.length;
      return { keys, revision: at };
    },
  };
}

function explained(store: KeyStore, revision: bigint, listing: ChildListing): ChildListing {
  return {
    next: (size, signal, begun) => explainCompaction(store, revision, signal, () => listing.next(size, signal, begun)),
  };
}

async function* explainedPages<Page>(
  store: KeyStore,
  revision: bigint,
  signal: AbortSignal | undefined,
  pages: AsyncIterable<Page>,
): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const page = await explainCompaction(store, revision, signal, () => iterator.next());
      if (page.done) return;
      yield page.value;
    }
  } finally {
    await iterator.return?.();
  }
}
