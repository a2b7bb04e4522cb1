import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import { confirm, type Confirmation } from '../../ui/confirm.ts';

/**
 * Asks before interrupted work continues in production.
 * @throws EtcdError `cancelled`
 */
export async function askToGoOn(label: string, written: readonly Connection[]): Promise<Confirmation | undefined> {
  const production = written.find(({ isProduction }) => isProduction);
  if (!production) return undefined;
  const yes = await confirm(l10n.t('Go on writing to {0}?', production.name), label, l10n.t('Resume'));
  if (!yes) throw cancelled();
  return yes;
}

/** @throws EtcdError if there is no connection */
export function requireConnection(connection: Connection | undefined, label: string): Connection {
  if (connection) return connection;
  throw new EtcdError('configuration', l10n.t('A connection of "{0}" no longer exists.', label));
}

/** Checks the cluster, because the previewed revisions mean nothing in another one. @throws EtcdError */
export async function requireCluster(
  connection: Connection,
  store: KeyStore,
  before: string | undefined,
): Promise<void> {
  if ((await store.clusterId?.()) === before) return;
  const message = l10n.t(
    '{0} is now a different cluster than when this started. Nothing was done.',
    liveOf(connection).name,
  );
  throw new EtcdError('configuration', message);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
