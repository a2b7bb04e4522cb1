import type { Handshake } from './http/handshake.ts';
import type { KeyStore } from './keyStore.ts';

/** A user of etcd, in v3 and in v2 alike. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** An open connection; `close` aborts what is under way. */
export interface EtcdConnection {
  readonly store: KeyStore;
  readonly serverVersion: string;
  /** The endpoint in use at the moment. */
  readonly endpoint: () => string;
  /** The certificates that were shown when it connected with that endpoint; none without TLS. */
  readonly handshake: () => Handshake | undefined;
  readonly close: () => void;
}
