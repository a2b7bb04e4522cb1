import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import type { KeyStore } from './keyStore.ts';

// See docs/contributing/decisions/keys.md

/** Wraps a store for reading only: every change fails with EtcdError `readOnly`, and nothing is sent. */
export function readOnlyStore(store: KeyStore): KeyStore {
  const refuse = () => Promise.reject(readOnlyError());
  return refusingStore(store, { refuse, refuseLeases: refuse, capabilities: { writable: false } });
}

/**
 * Wraps a store for code that has not asked the user: every change or delete of a key fails with EtcdError
 * `notConfirmed`, and nothing is sent. Leases can be granted and kept alive.
 */
export function unconfirmedStore(store: KeyStore): KeyStore {
  return refusingStore(store, { refuse: () => Promise.reject(notConfirmedError()) });
}

interface Refusals {
  readonly refuse: () => Promise<never>;
  /** Refuses changes of a lease that change no key. */
  readonly refuseLeases?: () => Promise<never>;
  readonly capabilities?: { readonly writable: false };
}

function refusingStore(store: KeyStore, { refuse, refuseLeases, capabilities }: Refusals): KeyStore {
  const { leases } = store;
  const clusterId = store.clusterId?.bind(store);
  const contentHash = store.contentHash?.bind(store);
  const permitted = store.permitted?.bind(store);
  const problemOf = store.problemOf?.bind(store);
  const firstKeys = store.firstKeys?.bind(store);
  return {
    // Read each time, because it may become known only later how changes can be followed.
    get capabilities() {
      return { ...store.capabilities, ...capabilities };
    },
    hierarchy: store.hierarchy,
    ...(store.locks && { locks: store.locks }),
    get: (key, options) => store.get(key, options),
    getMany: (keys, options) => store.getMany(keys, options),
    ...(clusterId && { clusterId }),
    ...(contentHash && { contentHash }),
    listChildren: (prefix, options) => store.listChildren(prefix, options),
    scan: (range, options) => store.scan(range, options),
    scanKeys: (range, options) => store.scanKeys(range, options),
    watch: (range, options) => store.watch(range, options),
    ...(firstKeys && { firstKeys }),
    ...(permitted && { permitted }),
    ...(problemOf && { problemOf }),
    count: (ranges, signal) => store.count(ranges, signal),
    ...(leases && {
      leases: {
        timeToLive: (lease, signal) => leases.timeToLive(lease, signal),
        info: (lease, signal) => leases.info(lease, signal),
        list: (signal) => leases.list(signal),
        grant: refuseLeases ?? ((ttl) => leases.grant(ttl)),
        revoke: refuse,
        keepAlive: refuseLeases ?? ((lease, signal) => leases.keepAlive(lease, signal)),
      },
    }),
    put: refuse,
    delete: refuse,
    transact: refuse,
    ...(store.createDirectory && { createDirectory: refuse }),
    ...(store.removeEmptyDirectories && { removeEmptyDirectories: refuse }),
  };
}

/** Error for every write to a read-only connection. */
export function readOnlyError(): EtcdError {
  return new EtcdError('readOnly', l10n.t('This connection is read-only: nothing was changed.'));
}

/** Error for a change of production that the user was not asked about. */
export function notConfirmedError(): EtcdError {
  return new EtcdError(
    'notConfirmed',
    l10n.t('Nothing was written: changing a production connection needs your confirmation first.'),
  );
}
