import type { Api, OpenEtcd } from '../etcd/connect/connect.ts';
import type { EtcdError } from '../etcd/errors.ts';
import type { TlsIdentity } from '../etcd/http/tlsIdentity.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import type { OpenMode } from './trust/consentQuestions.ts';

export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | {
      readonly kind: 'connected';
      readonly api: Api;
      /** True if the server also serves v2 keys. */
      readonly alsoV2: boolean;
      readonly transport: OpenEtcd['transport'];
      readonly proxied: OpenEtcd['proxied'];
      /** Name of the tunnel to it. */
      readonly tunnel?: OpenEtcd['tunnel'];
      readonly serverVersion: string;
      readonly username: string | undefined;
      readonly identity: TlsIdentity;
    }
  | { readonly kind: 'failed'; readonly error: EtcdError };

/** Kind of a write: saving a key as a file, for which `confirmSave` decides, or any other change. */
export type WriteKind = 'save' | 'change';

/** An attempt to connect, which is under way. */
export interface Attempt {
  readonly mode: OpenMode;
  readonly store: Promise<KeyStore>;
  readonly abort: AbortController;
  /** The user's own attempt that has replaced this one; everyone who waits gets its store. */
  next?: Promise<KeyStore>;
}
