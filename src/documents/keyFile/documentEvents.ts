import type { KeyValue } from '../../etcd/keyStore.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';

export interface KeyWrite extends KeyAddress {
  readonly created: boolean;
  readonly modRevision: bigint;
  /** The key as it was before, if it was overwritten. */
  readonly previous?: KeyValue;
}
