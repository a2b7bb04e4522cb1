import type { KeyValue } from '../../etcd/keyStore.ts';
import type { KeyAddress } from '../addresses/keyUri.ts';

export interface KeyWrite extends KeyAddress {
  readonly created: boolean;
  readonly modRevision: bigint;
  /** The overwritten key as it was before. */
  readonly previous?: KeyValue;
}
