import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keys/keyText.ts';
import { rangeContains } from '../keys/ranges.ts';
import { rangeWithin } from '../keys/rangeSets.ts';
import type { KeyRange, KeyStore } from '../keyStore.ts';
import { readOnlyStore } from '../readOnlyStore.ts';

/**
 * Wraps a store as a user sees it: listings, scans and counts leave out what the user may not read, and reads of such
 * keys are refused.
 * @param ranges everything that the user's roles let it read
 */
export function storeAsUser(store: KeyStore, name: string, ranges: readonly KeyRange[]): KeyStore {
  const readOnly = readOnlyStore(store);
  // Reads through this method would not be checked.
  delete readOnly.firstKeys;
  const check = (key: Uint8Array) => {
    if (!ranges.some((range) => rangeContains(range, key))) throw denied(name, key);
  };
  async function* within<Page>(range: KeyRange, read: (part: KeyRange) => AsyncIterable<Page>): AsyncGenerator<Page> {
    for (const part of rangeWithin(range, ranges)) yield* read(part);
  }
  return {
    ...readOnly,
    permitted: () => Promise.resolve(ranges),
    get: async (key, options) => {
      check(key);
      return await store.get(key, options);
    },
    getMany: async (keys, options) => {
      for (const key of keys) check(key);
      return await store.getMany(keys, options);
    },
    listChildren: (prefix, options) => store.listChildren(prefix, { ...options, ranges }),
    scan: (range, options) => within(range, (part) => store.scan(part, options)),
    scanKeys: (range, options) => within(range, (part) => store.scanKeys(part, options)),
    count: async (all, signal) => {
      const parts = all.flatMap((range) => rangeWithin(range, ranges));
      return parts.length === 0 ? { keys: 0, revision: 0n } : await store.count(parts, signal);
    },
  };
}

function denied(name: string, key: Uint8Array): EtcdError {
  return new EtcdError('permissionDenied', l10n.t('The etcd user {0} may not read {1}.', name, keyText(key)));
}
