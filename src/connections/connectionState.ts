import type { Api, OpenEtcd } from '../etcd/connect/connect.ts';
import type { EtcdError } from '../etcd/errors.ts';
import type { TlsIdentity } from '../etcd/http/tlsIdentity.ts';

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
