import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keys/keyText.ts';
import type { KeyStore, Lifetime } from '../keyStore.ts';
import type { UndoneChange } from './undone.ts';

/** Attempts at a key whose value others write all the time. */
const MAX_TRIES = 10;

/**
 * Gives a key another lifetime and keeps its value.
 * @returns how to undo it
 * @throws EtcdError `notFound` if the key does not exist
 */
export async function changeLifetime(store: KeyStore, key: Uint8Array, lifetime: Lifetime): Promise<UndoneChange> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { kv: previous } = await store.get(key);
    if (!previous) throw new EtcdError('notFound', l10n.t('The key {0} no longer exists.', keyText(key)));
    const result = await store.put(key, previous.value, previous, { lifetime });
    if (result.outcome === 'written')
      return { previous, left: { modRevision: result.modRevision }, mayHaveExpired: canExpire(lifetime) };
  }
  throw new EtcdError(
    'unexpected',
    l10n.t('Others keep writing {0}, so its time to live was not changed. Try again.', keyText(key)),
  );
}

/** Whether etcd will delete a key with this lifetime. */
export function canExpire(lifetime: Lifetime): boolean {
  return typeof lifetime === 'object';
}
