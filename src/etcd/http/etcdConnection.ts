import type { Handshake } from './handshake.ts';
import type { KeyStore } from '../keyStore.ts';

/** A user of etcd, for v3 and v2. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** An open connection; `close` aborts requests under way. */
export interface EtcdConnection {
  readonly store: KeyStore;
  /** Version such as `3.5.16`; empty if unknown. */
  readonly serverVersion: string;
  /** Returns the endpoint in use. */
  readonly endpoint: () => string;
  /** Returns the certificates of the latest handshake with that endpoint; undefined without TLS. */
  readonly handshake: () => Handshake | undefined;
  readonly close: () => void;
}
