import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore, Leases } from '../../etcd/keyStore.ts';

/** Returns the store's leases. @throws EtcdError `unsupported` if the store has none */
export function requireLeases({ leases }: KeyStore, { name }: Connection): Leases {
  if (leases) return leases;
  throw new EtcdError(
    'unsupported',
    l10n.t("{0} has no leases: in etcd's v2 API each key has its own time to live.", name),
  );
}
