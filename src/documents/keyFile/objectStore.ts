import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import type { Expectation, KeySnapshot, KeyStore, KeyValue, PutOptions, PutResult } from '../../etcd/keyStore.ts';
import type { TextPlace } from '../../etcd/kubernetes/places.ts';
import { contentIn, shownObject, type Shown } from '../valueForms.ts';
import type { DocumentStore, DocumentValue } from './documentStore.ts';

/** Why an edited object is not written, and the position in its text. */
export interface ObjectProblem {
  readonly sentence: string;
  readonly place: TextPlace;
}

export interface ObjectStoreServices {
  /** Whether objects may be edited at all. */
  readonly isEditable: () => boolean;
  /** Called when an object was read. */
  readonly onRead: (key: Uint8Array, shown: Shown | undefined, lock: string | undefined) => void;
  /** Called when an edited text was checked; undefined if nothing is wrong with it. */
  readonly onCheck: (key: Uint8Array, problem: ObjectProblem | undefined) => void;
}

/** A store whose Kubernetes objects are YAML texts, in both directions. */
export class ObjectStore implements DocumentStore {
  readonly #store: KeyStore;
  readonly #services: ObjectStoreServices;

  constructor(store: KeyStore, services: ObjectStoreServices) {
    this.#store = store;
    this.#services = services;
  }

  get capabilities(): KeyStore['capabilities'] {
    return this.#store.capabilities;
  }

  listChildren(...args: Parameters<KeyStore['listChildren']>): ReturnType<KeyStore['listChildren']> {
    return this.#store.listChildren(...args);
  }

  async get(...args: Parameters<KeyStore['get']>): Promise<{ readonly revision: bigint; readonly kv?: DocumentValue }> {
    return await this.shown(await this.#store.get(...args));
  }

  /** Converts what was read from the store itself to what this store shows. */
  async shown({ revision, kv }: KeySnapshot): Promise<{ readonly revision: bigint; readonly kv?: DocumentValue }> {
    return kv ? { revision, kv: await this.#shown(kv) } : { revision };
  }

  async check(key: Uint8Array, content: Uint8Array, expected: Expectation): Promise<void> {
    const { kv } = await this.#store.get(key);
    if (kv && expected !== 'absent' && kv.modRevision === expected.modRevision) await this.#encoded(kv, content);
  }

  /** Patches the object in etcd; a key that is not as expected stays unchanged. */
  async put(key: Uint8Array, content: Uint8Array, expected: Expectation, options?: PutOptions): Promise<PutResult> {
    if (expected === 'absent') {
      throw new EtcdError(
        'unsupported',
        l10n.t('The object was deleted in etcd. Nothing was written: only the API server can create it again.'),
      );
    }
    const current = await this.#store.get(key);
    if (current.kv?.modRevision !== expected.modRevision) return { outcome: 'conflict', current };
    return await this.#store.put(key, await this.#encoded(current.kv, content), expected, options);
  }

  async #shown(kv: KeyValue): Promise<DocumentValue> {
    const shown = await shownObject(kv.value);
    const lock = await this.#lockOf(kv.value, shown);
    this.#services.onRead(kv.key, shown, lock);
    return { ...kv, value: await contentIn('yaml', kv.value), isLocked: lock !== undefined };
  }

  /** Explains why an object cannot be edited. */
  async #lockOf(value: Uint8Array, shown: Shown | undefined): Promise<string | undefined> {
    if (shown?.yaml === undefined) return shown?.problem ?? l10n.t('It is not an object of Kubernetes any more.');
    if (!this.#services.isEditable()) return l10n.t('The setting "etcd.kubernetes.edit" is off.');
    const { readStoredObject, whyReadOnly } = await import('../../etcd/kubernetes/storedObject.ts');
    return whyReadOnly(readStoredObject(value), shown.yaml, value);
  }

  async #encoded({ key, value }: KeyValue, content: Uint8Array): Promise<Uint8Array> {
    const lock = await this.#lockOf(value, await shownObject(value));
    if (lock !== undefined) {
      throw new EtcdError('readOnly', l10n.t('This object cannot be edited. {0} Nothing was written.', lock));
    }
    const { InvalidObject, placeOf, writeYaml } = await import('../../etcd/kubernetes/storedObject.ts');
    const text = new TextDecoder().decode(content);
    try {
      const encoded = writeYaml(text, value);
      this.#services.onCheck(key, undefined);
      return encoded;
    } catch (error) {
      if (!(error instanceof InvalidObject)) throw error;
      const place = placeOf(text, error);
      this.#services.onCheck(key, { sentence: error.message, place });
      const line = String(place.line + 1);
      throw new EtcdError('unsupported', l10n.t('Line {0}: {1} Nothing was written.', line, error.message));
    }
  }
}
