import * as l10n from '@vscode/l10n';
import { EtcdError } from './errors.ts';
import type { KeyStore } from './keyStore.ts';

/** A store that can only be read: whatever would change something fails with EtcdError `readOnly`, and nothing is sent. */
export function readOnlyStore(store: KeyStore): KeyStore {
  const { leases } = store;
  const clusterId = store.clusterId?.bind(store);
  const permitted = store.permitted?.bind(store);
  const problemOf = store.problemOf?.bind(store);
  return {
    // Asked each time: how changes can be followed may show only later.
    get capabilities() {
      return { ...store.capabilities, writable: false };
    },
    hierarchy: store.hierarchy,
    get: (key, options) => store.get(key, options),
    getMany: (keys, options) => store.getMany(keys, options),
    ...(clusterId && { clusterId }),
    listChildren: (prefix, options) => store.listChildren(prefix, options),
    scan: (range, options) => store.scan(range, options),
    scanKeys: (range, options) => store.scanKeys(range, options),
    watch: (range, options) => store.watch(range, options),
    ...(permitted && { permitted }),
    ...(problemOf && { problemOf }),
    count: (ranges, signal) => store.count(ranges, signal),
    ...(leases && {
      leases: {
        timeToLive: (lease, signal) => leases.timeToLive(lease, signal),
        info: (lease, signal) => leases.info(lease, signal),
        list: (signal) => leases.list(signal),
        grant: refuse,
        revoke: refuse,
        keepAlive: refuse,
      },
    }),
    put: refuse,
    delete: refuse,
    transact: refuse,
    ...(store.createDirectory && { createDirectory: refuse }),
    ...(store.removeEmptyDirectories && { removeEmptyDirectories: refuse }),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(readOnlyError());
}

/** What every write to a read-only connection fails with. */
export function readOnlyError(): EtcdError {
  return new EtcdError('readOnly', l10n.t('This is read-only: nothing was changed.'));
}
