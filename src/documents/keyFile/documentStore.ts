import type { Expectation, KeyStore, KeyValue } from '../../etcd/keyStore.ts';

/** A key as a document shows it. */
export interface DocumentValue extends KeyValue {
  /** True if the document cannot be edited, although its value is text. */
  readonly isLocked?: boolean;
}

/** The operations of a store that documents use. */
export interface DocumentStore extends Pick<KeyStore, 'put' | 'capabilities' | 'listChildren'> {
  get(...args: Parameters<KeyStore['get']>): Promise<{ readonly revision: bigint; readonly kv?: DocumentValue }>;
  /** Refuses content that `put` would refuse, before the user is asked anything. @throws EtcdError */
  check?(key: Uint8Array, content: Uint8Array, expected: Expectation): Promise<void>;
}
